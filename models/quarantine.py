"""Learning that is withheld while a tenant is suspect: discarded when its case goes quiet, adopted when it lasts and is harmless.

Measured with the tables composed-5 on composed traffic of two seeds, six days after the change: 122 honest tenants that
go on as another honest tenant, and 115 that go on as an attacker. Of the migrations 76 opened no finding, 16 were
adopted (after 72 to 107 hours; 12 of them within 74), in 21 the finding went quiet by itself, 9 were open at the end:
their new ways are suspect to their peers, or the finding was younger than 72 hours. Of the attackers 1 was adopted, of
those who attack from their first request 5 of 100 with a finding, after 77 to 95 hours. A quarantine that begins as a
copy of the trusted baseline adopted 7 instead of 10 migrations of one seed, and after 72 to 117 hours: the old
behaviour fades slowly. A bound that adopts nothing that ever was Critical would have adopted none: a sudden change of
ways is.
"""

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from .river_state import Baselines, rounded

#: Folds that it must rest on: River's baselines remember about so many.
ENOUGH_FOLDS = 20
#: How far present folds may be from it on average, over all features, in units of two own deviations: after twenty folds of a
#: new behaviour half of them are within 0.1, nineteen in twenty within 0.4.
STEADY = 0.4
#: Share of a fold in that average.
FADING = 0.1
#: Where the average begins, so that a quarantine is steady only when it was shown to be.
UNSTEADY = 3.0

Floats = npt.NDArray[np.float64]


class PackedQuarantine(Struct, frozen=True, array_like=True):
    """The single numbers of a quarantine at rest; its arrays lie among those of its assessor."""

    level: float
    folds: int
    distance: float
    steady_ms: int


class Quarantine(Struct, kw_only=True, gc=False):
    """What a suspect tenant would have learned since its case opened; mutable, owned by its assessor, 1 KB packed.

    It exists while a case is open, no longer. Its baselines begin with nothing: a mean over two behaviours is that of neither, with a
    spread that would hide both. What is `known` (values used before) begins as a copy of the trusted one: lists can hold both.
    Beside it runs the judgement that the tenant would have if this were its past: `values` are the smoothed features against
    it, `level` the level of the folds. `distance` is how far those are from `baselines`, `steady_ms` since when (tenant's clock; -1: not
    now) every fold was within `STEADY` and judged below Medium.

    *Rollback*: a case that closes because it went quiet drops it, so nothing that was learned of suspect folds is ever compared with.

    *Adoption*: it replaces the trusted baseline, and the case closes, at the first fold at which the case is `adopt_after_ms` old and
    `steady_ms` lies a day back. So an honest customer who moved to another application is released within 72 hours, or a day
    after the new application has settled, whichever is later. Who persists in an attack gains what a new account would give
    him, a tenant without a past: for that is how he was judged here, by his peers, for a whole day of folds none of which was
    suspect. Whom his peers give away is never adopted, however steady.
    """

    baselines: bytes
    known: bytes
    values: Floats
    level: float
    folds: int = 0
    distance: float = UNSTEADY
    steady_ms: int = -1

    @classmethod
    def begin(cls, known: bytes, values: Floats, level: float) -> "Quarantine":
        """A new one for a tenant that knows and does this; it stands at the tenant's level, which the folds to come may lower."""
        return cls(baselines=bytes(len(values) * Baselines.PACKED_BYTES), known=known, values=values, level=level)

    def learn(self, measured: Floats, known: bytes, values: Floats, level: float) -> None:
        """Take in a fold that the trusted baseline is kept from."""
        self.baselines = rounded(Baselines(self.baselines).learned(measured))
        self.known, self.values, self.level = known, values, level
        self.folds += 1

    def compare(self, distances: Floats, at_ms: int, *, suspect: bool) -> None:
        """Note how far a fold is from it (signed, a feature each, NaN: unknown) before it is learned."""
        present = distances[~np.isnan(distances)]
        if present.size and self.folds:
            self.distance += FADING * (float(np.abs(present).mean()) - self.distance)
        if suspect or self.distance > STEADY or self.folds < ENOUGH_FOLDS:
            self.steady_ms = -1
        elif self.steady_ms < 0:
            self.steady_ms = at_ms

    def pack(self) -> PackedQuarantine:
        """Its single numbers at rest; what is unpacked from them and its arrays behaves the same, bit for bit."""
        return PackedQuarantine(self.level, self.folds, self.distance, self.steady_ms)

    @classmethod
    def unpack(cls, packed: PackedQuarantine, baselines: bytes, known: bytes, values: Floats) -> "Quarantine":
        """The quarantine that was packed."""
        return cls(
            baselines=baselines,
            known=known,
            values=values,
            level=packed.level,
            folds=packed.folds,
            distance=packed.distance,
            steady_ms=packed.steady_ms,
        )
