"""The stages of a worker, each a piece of work on what the stage before it left."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from models.campaigns.config import CampaignConfig
from models.campaigns.correlator import Correlator
from models.hashing import Hasher
from schemas import ocsf
from schemas.codec import read_event
from schemas.rows import decode_row, encode_row
from schemas.signal import Signal, Watermark, decode_message, encode_message
from streams.clickhouse.rows import block_token
from tests.benchmarks.stages.workload import SECRET, TOPIC_ID, Workload, judged

HOUR_MS = 3_600_000
#: Tenants in the search of the stage `epoch`, with signals like those of the workload.
SEARCHED = 5000
KEYS = ("heads", "tails", "origins", "networks", "payments")


class Stage(Struct, frozen=True, kw_only=True):
    """A piece of work: `prepare` makes its input anew and is not timed, `work` does it; `pieces` are how many units it then did."""

    name: str
    unit: str
    what: str
    pieces: int
    prepare: Callable[[], Any]
    work: Callable[[Any], object]


def stages(held: Workload) -> list[Stage]:
    """All of them, in the order of an event's journey."""
    crowd = _crowd(held.signals)
    rows = [encode_row(row) for row in held.rows]
    told = [encode_message(signal) for signal in held.signals]
    return [
        Stage(
            name="decode", unit="event", what="JSON to an event", pieces=len(held.records),
            prepare=lambda: held.records, work=lambda records: [read_event(record) for record in records],
        ),
        Stage(
            name="judge", unit="event", what="windows, looks, folds, risk, from no tenant on", pieces=len(held.events),
            prepare=lambda: replace(held.mind, hasher=Hasher(SECRET)), work=lambda mind: judged(mind, held.events),
        ),
        Stage(
            name="pack", unit="tenant", what="a tenant to bytes, no fold since it was unpacked", pieces=len(held.states),
            prepare=held.awake, work=lambda tenants: [tenant.pack(TOPIC_ID) for tenant in tenants],
        ),
        Stage(
            name="unpack", unit="tenant", what="bytes to a tenant that can judge", pieces=len(held.states),
            prepare=lambda: None, work=lambda _: held.awake(),
        ),
        Stage(
            name="rows encode", unit="row", what="a window's row to JSON", pieces=len(rows),
            prepare=lambda: held.rows, work=lambda made: [encode_row(row) for row in made],
        ),
        Stage(
            name="rows decode", unit="row", what="what the sink does: decode, and hash the block", pieces=len(rows),
            prepare=lambda: rows, work=lambda sent: block_token([decode_row(row) for row in sent], 90),
        ),
        Stage(
            name="signal", unit="signal", what="a signal to bytes and back", pieces=len(told),
            prepare=lambda: held.signals, work=lambda made: [decode_message(encode_message(one)) for one in made],
        ),
        Stage(
            name="correlator take", unit="signal", what="a signal into the search", pieces=len(held.signals),
            prepare=lambda: _search(held), work=lambda search: [search.take(signal) for signal in held.signals],
        ),
        Stage(
            name="correlator epoch", unit="tenant", what=f"an epoch among {SEARCHED:,} tenants", pieces=SEARCHED,
            prepare=lambda: _searching(held, crowd), work=lambda search: search.take(Watermark(0, crowd[0].epoch_ms)),
        ),
        Stage(
            name="alert", unit="alert", what="a finding as OCSF JSON with its headers", pieces=len(held.findings),
            prepare=lambda: held.findings,
            work=lambda found: [(ocsf.key(one), ocsf.alert(one), ocsf.headers(one)) for one in found],
        ),
    ]  # fmt: skip


def _search(held: Workload) -> Correlator:
    return Correlator(CampaignConfig(epoch_ms=HOUR_MS), held.mind.versions)


def _searching(held: Workload, crowd: list[Signal]) -> Correlator:
    search = _search(held)
    for signal in crowd:
        search.take(signal)
    return search


def _crowd(signals: list[Signal]) -> list[Signal]:
    """As many tenants as are asked for, who all tell at one epoch; each like one of the workload, with keys of its own."""
    epoch_ms = -(-max(signal.at_ms for signal in signals) // HOUR_MS) * HOUR_MS
    crowd = []
    for number in range(SEARCHED):
        signal, shift = signals[number % len(signals)], number // len(signals) * 2_654_435_761
        keys = {kind: tuple((key + shift) % 2**32 for key in getattr(signal, kind)) for kind in KEYS}
        crowd.append(
            replace(signal, tenant=f"org_{number}", partition=0, epoch_ms=epoch_ms, at_ms=epoch_ms - 1, **keys)
        )
    return crowd
