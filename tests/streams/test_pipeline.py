"""What a pipeline calls safe, with the outside played by small fakes."""

import asyncio

import msgspec
import pytest

from models.canary_key import CanaryKey
from schemas.errors import ForeignState
from schemas.signal import Signal, Watermark
from streams.canary.burst import EVENTS, burst, name_of
from tests.models.events import MINUTE_MS, SECRET, START_MS, event
from tests.streams.fakes import Record
from tests.streams.pipelines import Delivered, Log, delivered, made, settle


async def test_a_batch_is_acknowledged_after_rows_and_state_were_accepted_in_this_order() -> None:
    log = Log()
    pipeline, out, now = made(log)
    batch = delivered(0, 30)
    await pipeline.handle(batch)
    assert not batch.acked
    await settle(pipeline, now)
    assert batch.acked
    assert log.told == ["signals", "rows", "state"]
    assert sum(out.requests.values()) == 30


async def test_partitions_take_turns_at_checkpoints_so_that_no_alert_waits_until_all_are_packed() -> None:
    log = Log()
    pipeline, _, now = made(log, partitions=4)
    for partition in range(4):
        await pipeline.handle(Delivered(delivered(0, 30).value, partition))
    written = []
    for now[0] in (0.0, 0.3, 0.6, 0.8, 1.1):
        await pipeline.tick()
        for _ in range(20):
            await asyncio.sleep(0)
        written.append(log.told.count("state"))
    assert written == [0, 1, 2, 3, 4]


async def test_after_a_pass_that_failed_nothing_is_called_safe_and_a_new_worker_judges_it_again() -> None:
    log = Log()
    pipeline, _, now = made(log)
    first, second = delivered(0, 30), delivered(30, 60)
    await pipeline.handle(first)
    log.failing = True
    await settle(pipeline, now)
    await pipeline.handle(second)
    with pytest.raises(ConnectionError):
        await pipeline.tick()
    await pipeline.release([0])
    assert not first.acked
    assert not second.acked
    assert log.mark is None
    again, out, now = made(log)
    await again.handle(delivered(0, 60))
    await settle(again, now)
    assert again.totals().applied == 60
    assert sum(out.requests.values()) == 60


async def test_a_release_makes_durable_what_was_applied_and_the_next_owner_skips_it() -> None:
    log = Log()
    pipeline, _, _ = made(log)
    batch = delivered(0, 40)
    await pipeline.handle(batch)
    await pipeline.release([0])
    assert batch.acked
    owner, _, now = made(log, committed=40)
    await owner.handle(delivered(20, 60))
    await settle(owner, now)
    assert (owner.totals().applied, owner.totals().replayed) == (60, 20)


async def test_an_offset_ahead_of_the_state_is_refused_for_events_would_be_missing() -> None:
    pipeline, _, _ = made(Log(), committed=10)
    with pytest.raises(ForeignState, match="ahead of its newest checkpoint"):
        await pipeline.handle(delivered(10, 20))


async def test_what_is_no_event_goes_to_the_dead_letters_as_it_came() -> None:
    pipeline, out, now = made(Log())
    await pipeline.handle(Delivered([Record(0, b"{"), Record(1, None), Record(2, b"\xff\x00")]))
    await settle(pipeline, now)
    assert out.dead == [b"{", None, b"\xff\x00"]
    assert pipeline.totals().dead_letters.total() == 3


async def test_skipping_is_an_alarm_once_the_tail_of_the_restart_is_over() -> None:
    log = Log()
    first, _, _ = made(log)
    await first.handle(delivered(0, 40))
    await first.release([0])
    pipeline, _, _ = made(log, committed=0)
    await pipeline.handle(delivered(0, 20))
    assert pipeline.skipping == []
    await pipeline.handle(delivered(20, 60))
    await pipeline.handle(delivered(0, 20))
    assert pipeline.skipping == [0]
    await pipeline.handle(delivered(60, 70))
    assert pipeline.skipping == []


async def test_the_search_for_campaigns_is_told_the_same_after_a_restart() -> None:
    whole, first_half = Log(), Log()
    pipeline, out, now = made(whole)
    await pipeline.handle(delivered(0, 200))
    await settle(pipeline, now)
    first, before, _ = made(first_half)
    await first.handle(delivered(0, 90))
    await first.release([0])
    second, after, now = made(first_half, committed=90)
    await second.handle(delivered(60, 200))
    await settle(second, now)
    assert any(isinstance(message, Signal) for message in out.messages_told)
    assert before.messages_told + after.messages_told == out.messages_told


async def test_a_partition_with_nothing_to_read_says_so_once_and_when_it_is_over() -> None:
    pipeline, out, now = made(Log())
    await pipeline.handle(delivered(0, 1000))  # the log ends at 1000
    for _ in range(4):
        await settle(pipeline, now)
    idle = [message for message in out.messages_told if isinstance(message, Watermark) and message.idle]
    assert len(idle) == 1
    await pipeline.handle(delivered(1000, 1010))
    assert out.messages_told[-1] == Watermark(0, idle[0].epoch_ms)  # at once: others must not pass an epoch meanwhile
    await settle(pipeline, now)
    after = out.messages_told[out.messages_told.index(idle[0]) + 1 :]
    assert after[0] == Watermark(0, idle[0].epoch_ms)


async def test_a_canary_is_told_of_with_the_lag_of_its_partition_and_leaves_no_row_and_no_total() -> None:
    log = Log()
    pipeline, out, now = made(log)
    records = burst(name_of(0, 1, START_MS), CanaryKey(SECRET))
    await pipeline.handle(Delivered([Record(n, value) for n, value in enumerate(records)]))
    await pipeline.handle(Delivered([Record(EVENTS, msgspec.json.encode(event(1, 0)))]))
    again = burst(name_of(0, 1, START_MS + MINUTE_MS), CanaryKey(SECRET))
    await pipeline.handle(Delivered([Record(EVENTS + 1 + n, value) for n, value in enumerate(again)]))
    await settle(pipeline, now)
    assert [(partition, lag) for partition, _, lag in out.canaries] == [(0, None), (0, 0.0)]
    totals = pipeline.totals()
    assert (totals.events_in, totals.canaries) == (1, 2 * EVENTS)
    assert sum(out.requests.values()) == 1
    assert len(log.tenants) == 1
    assert pipeline.details()["canary_events"] == 2 * EVENTS
    assert pipeline.event_lags() == {0: 0.0}


async def test_a_wall_clock_that_is_set_back_changes_no_judgement_and_holds_nothing_up() -> None:
    steady, stepping = Log(), Log()
    walls = iter([START_MS / 1000 + 86_400] + [0.0] * 1000)
    told = []
    for log, wall in ((steady, lambda: START_MS / 1000), (stepping, lambda: next(walls))):
        pipeline, out, now = made(log, wall=wall)
        batches = [delivered(0, 30), delivered(30, 90)]
        for batch in batches:
            await pipeline.handle(batch)
            await settle(pipeline, now)
            assert batch.acked
        told.append((out.requests, out.messages_told, log.tenants, log.mark))
    assert told[0] == told[1]
