"""Gathering labelled events as folds: what the making of a table learns from."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from schemas.event import Event

from .assessor import Assessor
from .census import Census
from .config import Config
from .detectors import Own
from .forest import NO_TREES
from .hashing import Hasher
from .likeness import Likeness
from .look import look_at, looking
from .references import Made, References, Table
from .risk import ScoreCard
from .verdict import ESTABLISHED_FOLDS

#: The level of a tenant never seen, in log-odds, the requests that it weighs as much as, and how fast the level follows.
#: A pace of 0.2, 0.3, 0.45, 0.6, 0.8 left attackers 20, 18, 16, 17, 17% of their answers at 0.15% false tenant-days (seven
#: held-out sources); a newcomer's weight of 8 took another point off the leak of campaigns of many small accounts.
PRIOR = -3.0
NEWCOMER = 8.0
PACE = 0.45
READ_AT_ONCE = 1000
#: What is hashed for a table meets nothing of a deployment.
SECRET = b"calibration"


class Label(Struct, frozen=True):
    """What is known of a tenant: `attack_ts` are the times (ms) of its attack requests, empty for an honest one."""

    tenant_id: str
    label: str = "benign"
    kind: str = ""
    campaign: str | None = None
    attack_ts: tuple[int, ...] = ()


class Fold(NamedTuple):
    """One fold of one tenant, as detectors see it."""

    tenant: int
    source: int
    at_ms: int
    requests: int
    established: bool
    attack: bool
    values: npt.NDArray[np.float64]
    own: Own


class Group(NamedTuple):
    """A tenant of one source: honest when `campaign` is None."""

    tenant: str
    campaign: str | None
    kind: str = ""


def blank() -> References:
    """References that know nothing: every p-value is 1, every risk 0."""
    card = ScoreCard(prior=0.0, pace=PACE, newcomer=NEWCOMER, levels=(0.0,), shares=(1.0,), risks=(0.0,))
    made = Made("", "", 0, 0, 0.0, 0)
    return References(
        Table(version="blank", made=made, features={}, young={}, established={}, trees=NO_TREES, card=card)
    )


class Gathered:
    """The folds of labelled events, source by source (a source is one file: one composition with its labels).

    About 6 KB a fold: half a million requests take 250 MB. Costs 50 us a request, and 200 more with a census of words.
    """

    def __init__(self, config: Config | None = None, *, words: bool = False) -> None:
        self.config = config or Config()
        self.folds: list[Fold] = []
        self.groups: list[Group] = []
        self.sources = 0
        #: Which words prompts begin and end with; None unless that was asked for.
        self.census = Census() if words else None

    def gather(self, events: Iterable[Event], labels: Sequence[Label], likeness: Likeness | None = None) -> None:
        """Run the assessor over one source, as a worker would with nothing suspected, and keep every fold.

        `likeness` reads the prompts (None: what ships). Weights that this source's own corpora are missing from teach the forest what
        likeness is worth on text that nobody learned from.
        """
        hasher = Hasher(SECRET, likeness)
        tenants: dict[str, _Running] = {}
        known = {label.tenant_id: label for label in labels}
        for event in _looked_at(events, hasher):
            running = tenants.get(event.tenant_id)
            if running is None:
                label = known.get(event.tenant_id, Label(tenant_id=event.tenant_id))
                campaign = None if label.label == "benign" else f"{self.sources}/{label.campaign or label.tenant_id}"
                running = tenants[event.tenant_id] = _Running(len(self.groups), self.sources, label.attack_ts, hasher)
                self.groups.append(Group(event.tenant_id, campaign, label.kind))
            if event.prompt is not None and self.census is not None:
                self.census.take(self.groups[running.tenant].campaign or event.tenant_id, event.prompt)
            self.folds.extend(running.take(event, self.config))
        for running in tenants.values():
            self.folds.extend(running.finish())
        if self.census is not None:
            self.census.end_source()
        self.sources += 1


def _looked_at(events: Iterable[Event], hasher: Hasher) -> Iterator[Event]:
    """The events, looked at many at a time."""
    waiting = iter(events)
    while batch := list(islice(waiting, READ_AT_ONCE)):
        with looking(batch, hasher):
            yield from batch


class _Running:
    """A tenant while its events are gathered."""

    def __init__(self, tenant: int, source: int, attack_ts: Iterable[int], hasher: Hasher) -> None:
        self.tenant, self._source, self._attacks = tenant, source, frozenset(attack_ts)
        self._assessor, self._hasher = Assessor(blank(), hasher), hasher
        self._clock_ms = self._requests = 0
        self._attack = False

    def take(self, event: Event, config: Config) -> Iterator[Fold]:
        at_ms = max(event.ts, self._clock_ms)
        if config.window_start(at_ms) != config.window_start(self._clock_ms):
            yield from self.finish()
        self._clock_ms = at_ms
        self._assessor.observe(look_at(event, self._hasher).at(at_ms))
        self._requests += 1
        self._attack |= event.ts in self._attacks
        if self._requests >= config.fold_requests:
            yield from self.finish()

    def finish(self) -> Iterator[Fold]:
        if not self._requests:
            return
        assessor = self._assessor
        view = assessor.view()
        own = view.own
        yield Fold(
            self.tenant,
            self._source,
            self._clock_ms,
            self._requests,
            assessor.folds >= ESTABLISHED_FOLDS,
            self._attack,
            np.array(view.values),
            Own(own.means.copy(), own.spreads.copy(), own.weights.copy()),
        )
        assessor.learn()
        self._requests, self._attack = 0, False
