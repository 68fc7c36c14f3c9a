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

    def of(self, away: float, moved: float) -> float:
        """The evidence of these deviations; costs 0.3 us."""
        said = self.above * away + self.beyond * max(away - 1.0, 0.0) if away > 0 else -self.below * away
        return said + (self.risen * moved if moved > 0 else -self.fallen * moved)


Playbook = Mapping[str, Weights]
NO_PLAYBOOKS: Mapping[str, Playbook] = {}


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
            self._deviations = [(self._away(at), self._moved(at)) for at in range(len(self.values))]
        return self._deviations

    def likeness(self, playbook: str) -> float:
        """How like the campaigns of a playbook the fold is (log-odds without offset); 0 without that playbook."""
        held = self._playbooks.get(playbook)
        return 0.0 if held is None else sum(self._weighed(held).values())

    def likest(self, playbook: str) -> str | None:
        """The feature that makes it most like the campaigns of a playbook."""
        held = self._playbooks.get(playbook)
        weighed = {} if held is None else self._weighed(held)
        known = [name for name in weighed if self.has(name)]
        return max(known, key=weighed.__getitem__) if known else None

    def _weighed(self, playbook: Playbook) -> dict[str, float]:
        deviations = self.deviations()
        return {name: weights.of(*deviations[INDEX[name]]) for name, weights in playbook.items() if name in INDEX}

    def _away(self, at: int) -> float:
        """Distance from the peers' median in the units of their range, within -3 and 3."""
        value, peers = self.values[at], self._peers[at]
        if value != value or peers is None:  # noqa: PLR0124
            return 0.0
        away = value - peers.middle
        scale = peers.high - peers.middle if away > 0 else peers.middle - peers.low
        return min(max(away / max(scale, GRAINS[at]), -MOST), MOST)

    def _moved(self, at: int) -> float:
        """Distance from the own mean in two own deviations, less of it while the baseline is young, within -3 and 3."""
        value, own = self.values[at], self._own[at]
        if value != value or not own.weight:  # noqa: PLR0124
            return 0.0
        moved = (value - own.mean) / (2 * max(own.spread, GRAINS[at])) * own.weight / (own.weight + HALF_BELIEVED)
        return min(max(moved, -MOST), MOST)

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


def _towards(suspicious: int, away: float) -> float:
    return away * suspicious if suspicious else abs(away)
