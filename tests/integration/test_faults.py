"""Kill it, double it, feed it rubbish: every event is accounted for, and the findings are those of an undisturbed run."""

import asyncio
import random
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from kafka.admin import ConfigResource

from schemas.codec import decode_event
from schemas.errors import RetryLater
from streams.kafka_client import aiokafka_settings
from streams.local.kafka import LocalKafka
from streams.replay import Addresses, replay
from streams.settings import Settings
from streams.simulation.rubbish import MEGABYTE, rubbish
from streams.tail import read_topic
from streams.topic_limits import BESIDES_BYTES
from streams.topics import admin
from streams.worker import Worker
from tests.conftest import MakeSettings
from tests.integration.drill import (
    Expected,
    WorkerProcess,
    alerts_on,
    judged,
    totals_on,
    wait_until,
    windows_on,
    without_versions,
)
from tests.integration.ending import with_an_end
from tests.integration.exact import require_exact
from tests.integration.stage import EAGER, WORKER
from tests.models.events import HOUR_MS, event

YEAR_2100_MS = 4_102_444_800_000


@pytest.fixture
def run_worker(tmp_path: Path) -> Callable[[Settings], WorkerProcess]:
    return lambda settings: WorkerProcess(settings, tmp_path / "worker.log", "--role", "judge")


def finish(settings: Settings, worker: WorkerProcess) -> None:
    wait_until(lambda: judged(settings), worker)
    assert worker.stop() == 0, worker.text()[-4000:]


def test_a_stream_gives_the_windows_and_findings_of_a_backtest(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Callable[[Settings], WorkerProcess]
) -> None:
    settings = make_settings(worker=WORKER, judgement=EAGER)
    expected = Expected(settings, traffic)
    replay(traffic, settings)
    finish(settings, run_worker(settings))
    require_exact(settings, expected)
    assert len(expected.alerts) > 20


def test_a_worker_killed_three_times_leaves_what_an_undisturbed_one_leaves(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Callable[[Settings], WorkerProcess]
) -> None:
    settings = make_settings(
        worker=WORKER | {"batch_records": 50, "session_timeout_seconds": 6.0, "instance": "drill"}, judgement=EAGER
    )
    expected = Expected(settings, traffic)
    sending = threading.Thread(target=replay, args=(traffic, settings), kwargs={"rate": len(traffic) / 12})
    sending.start()
    for seen in (0.15, 0.4, 0.7):
        worker = run_worker(settings)
        wait_until(lambda seen=seen: sum(totals_on(settings).values()) > seen * len(traffic), worker)  # type: ignore[misc]
        worker.kill()
    sending.join()
    finish(settings, run_worker(settings))
    require_exact(settings, expected)


def test_every_record_sent_twice_in_a_row_counts_once(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Callable[[Settings], WorkerProcess]
) -> None:
    settings = make_settings(worker=WORKER, judgement=EAGER)
    expected = Expected(settings, traffic)
    replay(traffic, settings, repeat=2)
    finish(settings, run_worker(settings))
    assert without_versions(windows_on(settings)) == without_versions(expected.windows)
    assert alerts_on(settings).keys() == expected.alerts.keys()
    assert totals_on(settings) == {"applied": len(traffic), "duplicates": len(traffic), "dead_letters": 0}


def test_ten_thousand_broken_records_are_kept_byte_for_byte_and_no_good_one_is_lost(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Callable[[Settings], WorkerProcess]
) -> None:
    settings = make_settings(worker=WORKER, judgement=EAGER)
    broken = list(rubbish(3, 10_000))
    assert max(map(len, broken)) > MEGABYTE  # a tenant id of a megabyte is among them
    merged = _merge(traffic, broken)
    expected = Expected(settings, traffic)
    replay(merged, settings)
    finish(settings, run_worker(settings))
    require_exact(settings, expected, dead=broken)


def _merge(good: list[bytes], bad: list[bytes]) -> list[bytes]:
    """The bad ones at random places among the good ones, which keep their order."""
    rng = random.Random(4)
    out = [*good]
    for record in bad:
        out.insert(rng.randrange(len(out) + 1), record)
    return out


def test_records_larger_than_any_topic_of_ours_takes_are_cut_short_in_the_dead_letters_and_stop_nothing(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Callable[[Settings], WorkerProcess]
) -> None:
    settings = make_settings(worker=WORKER, judgement=EAGER)
    with admin(settings.kafka) as client:
        client.alter_configs([ConfigResource("TOPIC", settings.topics.requests, {"max.message.bytes": "16000000"})])
    traffic = with_an_end(traffic[:3000])
    noise = random.Random(10).randbytes
    prompt = msgspec.json.encode(event(0, decode_event(traffic[0]).ts, "org_a")).replace(
        b'"model"', b'"prompt":"%s","model"' % (b"a" * 10_000_000)
    )
    huge = [prompt, noise(10_000_000), noise(4_150_000), noise(2_140_000)]
    expected = Expected(settings, traffic)
    assert replay([*traffic[:1000], *huge, *traffic[1000:]], settings).failed == 0
    finish(settings, run_worker(settings))
    most = 2_162_688 - BESIDES_BYTES
    require_exact(settings, expected, dead=[record[:most] for record in huge])
    told = [dict(record.headers) for record in read_topic(settings, settings.topics.dead)]
    assert {(one["dw_bytes"], one["dw_sha256"]) for one in told} == {
        (str(len(record)).encode(), sha256(record).hexdigest().encode()) for record in huge
    }


async def test_a_worker_that_is_just_starting_when_the_broker_dies_ends_with_one_line(
    make_settings: MakeSettings, kafka: LocalKafka
) -> None:
    worker = Worker(make_settings(worker=WORKER), "judge")
    kafka.kill()
    try:
        with pytest.raises(RetryLater, match=r"^Kafka ended this worker \(KafkaConnectionError: .*start it again$"):
            await worker.run()
    finally:
        kafka.start()


def test_a_producer_whose_clock_is_set_back_by_hours_loses_nothing_and_a_stream_still_equals_a_backtest(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Callable[[Settings], WorkerProcess]
) -> None:
    settings, half = make_settings(worker=WORKER, judgement=EAGER), len(traffic) // 2
    back = [set_back(record, 5 * HOUR_MS) for record in traffic[half : half + 3000]]
    stepped = [*traffic[:half], *back, *traffic[half + 3000 :]]
    expected = Expected(settings, stepped)
    assert expected.result.late_events > 1000
    replay(stepped[:half], settings)
    send_dated(stepped[half:], settings, 1_600_000_000_000)  # the record's own timestamp steps back as well
    finish(settings, run_worker(settings))
    require_exact(settings, expected)


def test_records_in_disorder_of_hours_are_judged_as_in_a_backtest(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Callable[[Settings], WorkerProcess]
) -> None:
    settings, rng = make_settings(worker=WORKER, judgement=EAGER), random.Random(6)
    records = sorted(traffic, key=lambda record: decode_event(record).ts + rng.choice((0, 0, 0, 5)) * HOUR_MS)
    expected = Expected(settings, records)
    assert expected.result.late_events > 1000
    replay(records, settings)
    finish(settings, run_worker(settings))
    require_exact(settings, expected)


def test_records_of_the_year_2100_are_dead_letters_and_those_of_1970_are_counted_late(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Callable[[Settings], WorkerProcess]
) -> None:
    settings = make_settings(worker=WORKER, judgement=EAGER)
    known = [decode_event(record).tenant_id for record in traffic[:500]]
    ahead = [msgspec.json.encode(event(number, YEAR_2100_MS + number, who)) for number, who in enumerate(known)]
    behind = [msgspec.json.encode(event(1000 + number, number, who)) for number, who in enumerate(known)]
    merged = [*traffic[:1000], *_merge(traffic[1000:], [*ahead, *behind])]
    expected = Expected(settings, merged)
    assert expected.result.late_events >= len(behind)
    replay(merged, settings)
    finish(settings, run_worker(settings))
    require_exact(settings, expected, dead=ahead)


def set_back(record: bytes, by_ms: int) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(decode_event(record), ts=decode_event(record).ts - by_ms))


def send_dated(records: list[bytes], settings: Settings, timestamp_ms: int) -> None:
    """Send records that bear this Kafka timestamp, in their order."""

    async def send() -> None:
        producer = AIOKafkaProducer(**aiokafka_settings(settings.kafka), enable_idempotence=True)
        await producer.start()
        try:
            addresses = Addresses(settings.topics.partitions)
            sent = []
            for record in records:
                key, partition, _ = addresses.of(record)
                topic = settings.topics.requests
                sent.append(await producer.send(topic, record, key, partition, timestamp_ms=timestamp_ms))
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    asyncio.run(send())
