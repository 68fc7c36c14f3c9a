"""What a detector may look at: the fold's features beside the tenant's own baseline and its peers' range."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Protocol

from msgspec import Struct

from models.features import FEATURES, INDEX

MOST = 3.0
#: Folds after which half of a deviation from the own baseline is believed.
HALF_BELIEVED = 4
GRAINS = tuple(feature.grain for feature in FEATURES)
SUSPICIOUS = tuple(feature.suspicious for feature in FEATURES)


class Range(Struct, frozen=True, array_like=True):
    """Where honest tenants lie: 5th, 50th and 95th percentile of a feature."""

    low: float
    middle: float
    high: float


NOWHERE = Range(0.0, 0.0, 0.0)


class Weights(Struct, frozen=True, array_like=True):
    """What a feature says in a playbook, for each unit of deviation, in straight pieces.

    `above` and `below` the peers' median, `beyond` their 95th percentile as well, `risen` and `fallen` from the own mean.
    """

    above: float = 0.0
    beyond: float = 0.0
    below: float = 0.0
    risen: float = 0.0
    fallen: float = 0.0


#: A playbook ready to be asked: rows of a feature's place in the table and its five weights.
Playbook = tuple[tuple[int, float, float, float, float, float], ...]
NO_PLAYBOOKS: Mapping[str, Playbook] = {}


def compiled(weights: Mapping[str, Weights]) -> Playbook:
    """The playbook of these weights; features that are no more are left out."""
    return tuple((INDEX[name], each.above, each.beyond, each.below, each.risen, each.fallen)
                 for name, each in weights.items() if name in INDEX)


class Expectation(Protocol):
    """What a tenant is used to in one feature: mean and standard deviation over `weight` folds."""

    @property
    def mean(self) -> float:
        """The mean."""

    @property
    def spread(self) -> float:
        """The standard deviation."""

    @property
    def weight(self) -> int:
        """How many folds it rests on; 0: nothing is expected yet."""


class View:
    """One fold, ready to be scored; every answer is finite, and 0 where the events do not carry a feature.

    `values` are the features in table order (NaN: missing), each an exponentially weighted mean over about the last
    three folds. Costs 0.5 us a question.
    """

    __slots__ = ("_deviations", "_own", "_peers", "_playbooks", "values")

    def __init__(
        self,
        values: Sequence[float],
        own: Sequence[Expectation],
        peers: Sequence[Range | None],
        playbooks: Mapping[str, Playbook] = NO_PLAYBOOKS,
    ) -> None:
        self.values, self._own, self._peers, self._playbooks = values, own, peers, playbooks
        self._deviations: list[tuple[float, float]] | None = None

    def has(self, name: str) -> bool:
        """Whether the feature is known in this fold."""
        value = self.values[INDEX[name]]
        return value == value  # noqa: PLR0124 - not NaN

    def value(self, name: str, default: float = 0.0) -> float:
        """The feature itself, in its unit; `default` where it is missing."""
        value = self.values[INDEX[name]]
        return value if value == value else default  # noqa: PLR0124

    def expected(self, name: str) -> float | None:
        """The tenant's own mean; None while nothing was learned."""
        own = self._own[INDEX[name]]
        return own.mean if own.weight else None

    def peers(self, name: str) -> float:
        """How far from honest tenants' median towards suspicion: 1 is their 95th percentile; within -3 and 3."""
        at = INDEX[name]
        return _towards(SUSPICIOUS[at], self.deviations()[at][0])

    def change(self, name: str) -> float:
        """How far from the tenant's own baseline towards suspicion, in its own deviations; within -3 and 3.

        Less is believed of a young baseline: half after four folds.
        """
        at = INDEX[name]
        return _towards(SUSPICIOUS[at], self.deviations()[at][1])

    def deviations(self) -> list[tuple[float, float]]:
        """Of every feature, the signed distance from the peers' median and from the own mean; 0 where unknown."""
        if self._deviations is None:
            self._deviations = list(map(_deviation, self.values, self._own, self._peers, GRAINS))
        return self._deviations

    def likeness(self, playbook: str) -> float:
        """How like the campaigns of a playbook the fold is (log-odds without offset); 0 without that playbook. 8 us."""
        held = self._playbooks.get(playbook)
        if held is None:
            return 0.0
        deviations, total = self.deviations(), 0.0
        for at, above, beyond, below, risen, fallen in held:
            away, moved = deviations[at]
            if away > 0:
                total += above * away
                if away > 1:
                    total += beyond * (away - 1)
            else:
                total -= below * away
            total += risen * moved if moved > 0 else -fallen * moved
        return total

    def likest(self, playbook: str) -> str | None:
        """The feature that makes it most like the campaigns of a playbook."""
        said = {row[0]: View(self.values, self._own, self._peers, {playbook: (row,)}).likeness(playbook)
                for row in self._playbooks.get(playbook, ()) if self.values[row[0]] == self.values[row[0]]}
        return FEATURES[max(said, key=said.__getitem__)].name if said else None

    def spread(self, name: str) -> float:
        """The own standard deviation."""
        return self._own[INDEX[name]].spread

    def weight(self, name: str) -> int:
        """The folds that the own mean rests on."""
        return self._own[INDEX[name]].weight

    def range(self, name: str) -> Range:
        """Where the peers lie; all 0 while there is no reference."""
        return self._peers[INDEX[name]] or NOWHERE

    def oddness(self, name: str) -> float:
        """The greater of both, for explaining; minus infinity where the feature is missing."""
        return max(self.peers(name), self.change(name)) if self.has(name) else -inf


def _deviation(value: float, own: Expectation, peers: Range | None, grain: float) -> tuple[float, float]:
    """Distance from the peers' median in units of their range, and from the own mean in two own deviations.

    Both within -3 and 3; less is believed of a young baseline. Costs 0.8 us.
    """
    if value != value:  # noqa: PLR0124 - NaN
        return 0.0, 0.0
    away = moved = 0.0
    if peers is not None:
        away = value - peers.middle
        scale = peers.high - peers.middle if away > 0 else peers.middle - peers.low
        away = min(max(away / (max(grain, scale)), -MOST), MOST)
    weight = own.weight
    if weight:
        spread = own.spread
        moved = (value - own.mean) / (2 * (max(grain, spread))) * weight / (weight + HALF_BELIEVED)
        moved = min(max(moved, -MOST), MOST)
    return away, moved


def _towards(suspicious: int, away: float) -> float:
    return away * suspicious if suspicious else abs(away)
