"""What verdicts could have changed: every suspect fold of a file with its evidence, and the findings under any correction of it.

One judgement of a file writes the suspect folds down; what a learner makes of verdicts is then tried on them in seconds. A fold that is
silenced would also have taught the tenant's baseline; that is left out, so the figures are those of the first days.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from models.config import Config
from models.feedback import Correction, Evidence, evidence_of
from models.references import References
from schemas.finding import Reason
from streams.backtest import Backtest
from streams.configuration import mind_of
from streams.files import RecordFile
from streams.settings import load_settings

from .findings import Naming

#: Folds below this risk are not looked at: a team that wants more findings than the default goes down to it.
LEAST_RISK = 0.35


class Suspect(Struct, frozen=True, array_like=True):
    """One suspect fold: whose, when, the level before any correction, and what it rests on."""

    tenant: str
    at_ms: int
    level: float
    evidence: Evidence


class _Watched(Config, frozen=True, kw_only=True):
    """Settings that remember whose fold is being judged, and at which time: it is the last thing asked before a correction."""

    last: list[tuple[str, int]]

    def allows(self, tenant: str, at_ms: int) -> bool:
        self.last[:] = [(tenant, at_ms)]
        return super().allows(tenant, at_ms)


class _Recorder(Correction, frozen=True):
    """A correction that moves nothing and remembers what it was asked."""

    last: list[tuple[str, int]]
    asked: list[Suspect]

    def level(self, level: float, reasons: Iterable[Reason]) -> float:
        evidence = evidence_of((reason.feature, reason.log_odds) for reason in reasons)
        self.asked.append(Suspect(*self.last[0], level, evidence))
        return level


def suspects(events: Path, least_risk: float = LEAST_RISK) -> Iterator[Suspect]:
    """Judge a file; every fold of this risk or more, in the order in which they are judged."""
    settings, last = load_settings(None), list[tuple[str, int]]()
    mind, recorder = mind_of(settings.judgement, b"a backtest keeps no state, so any key does"), _Recorder({}, last, [])
    known = msgspec.structs.asdict(mind.config) | {"risk_medium": least_risk}
    mind = msgspec.structs.replace(mind, correction=recorder, config=_Watched(**known, last=last))
    run = Backtest(mind, settings.topics.partitions, lambda _: None)
    for number, record in enumerate(RecordFile(str(events)), 1):
        run.feed(record)
        if number % 100_000 == 0:
            run.rows()
    return iter(recorder.asked)


def kept(path: Path, events: Path) -> list[Suspect]:
    """The suspect folds of a file of events, from `path` where they were written down before."""
    if not path.exists():
        path.write_bytes(msgspec.msgpack.encode(list(suspects(events))))
    return msgspec.msgpack.decode(path.read_bytes(), type=list[Suspect])


def openings(
    folds: Iterable[Suspect], correct: Callable[[Evidence], float], risk_medium: float = Config().risk_medium
) -> list[tuple[Naming, Suspect]]:
    """The findings under a correction, each with the fold that opened it; `risk_medium` as the setting of this name."""
    config, card = Config(), References.shipped().card
    open_: dict[str, tuple[str, int, int, Suspect]] = {}
    out: list[tuple[Naming, Suspect]] = []
    for number, fold in enumerate(folds):
        held = open_.get(fold.tenant)
        if held is not None and fold.at_ms >= held[2] + config.quiet_ms:
            out.append(_closed(held, config, fold.tenant))
            held = open_.pop(fold.tenant) and None
        if min(card.risk(fold.level), card.risk(fold.level + correct(fold.evidence))) < risk_medium:
            continue
        opened = (str(number), fold.at_ms, fold.at_ms, fold) if held is None else (*held[:2], fold.at_ms, held[3])
        open_[fold.tenant] = opened
    return out + [_closed(held, config, tenant) for tenant, held in open_.items()]


def _closed(held: tuple[str, int, int, Suspect], config: Config, tenant: str) -> tuple[Naming, Suspect]:
    return Naming(tenant, held[0], held[1], held[2] + config.quiet_ms), held[3]
