"""What the judgement of a partition is made with: settings, tables, key and versions, read-only and shared."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from schemas.control import Calibration, Control
from schemas.event import Event
from schemas.versions import CODE_VERSION, Versions

from .assessor import Assessor
from .canary_key import CanaryKey
from .clock import RobustClock
from .config import Config
from .feedback import Correction
from .hashing import Hasher
from .home import Home
from .likeness import Likeness
from .look import look_at
from .packed import MODEL_VERSION, PackedAssessor
from .references import References
from .risk import ScoreCard
from .window import Window


class Mind(Struct, frozen=True, kw_only=True):
    """The immutable ground of every judgement in a process; holds no state of any tenant.

    `correction` is what the adopted control record teaches about suspect tenants, None without one; `cards` what it says a level means
    in a peer group, and the table's own card is for the groups that it does not name. `canary_key` tells
    canaries from tenants; without one all are tenants.
    """

    config: Config
    references: References
    hasher: Hasher
    versions: Versions
    correction: Correction | None = None
    cards: Mapping[str, ScoreCard] = {}
    canary_key: CanaryKey | None = None

    @classmethod
    def of(
        cls, config: Config, secret: bytes, references: References | None = None, likeness: Likeness | None = None
    ) -> "Mind":
        """The mind with these tables and weights, or those that ship with the package, ready to judge.

        What is compiled is compiled here and not within the first requests: half a second, and up to a minute once a machine.
        """
        references = references or References.shipped()
        versions = Versions(CODE_VERSION, MODEL_VERSION, references.version)
        mind = cls(config=config, references=references, hasher=Hasher(secret, likeness), versions=versions)
        _go_through(mind.assessor(), mind.hasher)
        return mind

    def adopting(self, control: Control) -> "Mind":
        """The same mind under a control record, which replaces any other; a calibration of other tables says nothing here."""
        versions = replace(self.versions, control=control.number)
        cards = self._cards(control.calibration)
        return replace(self, versions=versions, correction=Correction.from_control(control), cards=cards)

    def assessor(self) -> Assessor:
        """A new assessor, for a tenant never seen."""
        return Assessor(self.references, self.hasher, self.cards)

    def awaken(self, packed: PackedAssessor) -> Assessor:
        """The assessor that was packed; raises `ForeignState` for another form."""
        return Assessor.unpack(packed, self.references, self.hasher, self.cards)

    def _cards(self, calibration: Calibration | None) -> dict[str, ScoreCard]:
        if calibration is None or calibration.references != self.references.version:
            return {}
        card, factor = self.references.card, calibration.factor
        return {name: card.calibrated(each.shift, each.scale, factor) for name, each in calibration.groups.items()}


def _go_through(assessor: Assessor, hasher: Hasher) -> None:
    """Everything once, so that it is compiled; the assessor is thrown away. What a partition and a rest on the shelf take, too."""
    example = Event(schema_version=1, event_id="example", ts=0, tenant_id="example", model="example", prompt="example")
    look = look_at(example, hasher)
    assessor.observe(look)
    assessor.pack()
    assessor.assess()
    assessor.reasons()
    assessor.context(example.model)
    assessor.signature()
    assessor.withhold(0, suspect_from=1.0)
    assessor.observe(look)
    assessor.learn()
    Window(start_ms=0).count(0, bytearray(look.tally))
    Home(0, 1, "").has(example.tenant_id)
    clock = RobustClock()
    clock.see(example.ts, example.tenant_id)
    clock.has_passed(example.ts)
