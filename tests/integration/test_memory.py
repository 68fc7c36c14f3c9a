"""A worker with little memory: tenants go to its directory and come back, others are forgotten, and it is killed meanwhile."""

from pathlib import Path

import msgspec

from models.snapshot import unpack_partition
from streams.checkpoint_records import MARK, UNIT, body_of
from streams.replay import replay
from streams.settings import Settings
from streams.tail import read_topic
from tests.conftest import MakeSettings
from tests.integration.drill import Expected, Kept, judged, totals_on, wait_until
from tests.integration.exact import require_exact
from tests.integration.stage import EAGER, RESTARTING
from tests.models.test_forgetting import bursts

LITTLE = {"hydrated_tenants": 5, "tenants_in_memory": 8, "checkpoint_seconds": 0.2}


def tombstones(settings: Settings) -> int:
    """How many there are of tenants, each with the position that it was written at."""
    records = read_topic(settings, settings.topics.checkpoints)
    return sum(record.key.startswith(UNIT) and record.value is None for record in records)


def forgotten(settings: Settings) -> int:
    """How many tenants the newest marks say were forgotten."""
    newest = {
        record.partition: unpack_partition(body_of(record.value))
        for record in read_topic(settings, settings.topics.checkpoints)
        if record.key.startswith(MARK)
    }
    return sum(mark.forgotten.tenants for mark in newest.values())


def test_tenants_that_go_to_disk_or_are_forgotten_change_nothing_through_a_kill(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    state = {"state_directory": tmp_path / "state"}
    settings = make_settings(worker=RESTARTING | LITTLE | state, judgement=EAGER | {"forget_days": 1, "skew_hours": 1000})
    traffic = [msgspec.json.encode(one) for one in bursts(5, tenants=60, days=8)]
    expected = Expected(settings, traffic)
    replay(traffic, settings)
    kept = Kept(settings, tmp_path / "worker.log", "--role", "judge")
    wait_until(lambda: kept.has(lambda _: sum(totals_on(settings).values()) > len(traffic) / 2))
    kept.worker.kill()
    wait_until(lambda: kept.has(judged))
    assert kept.worker.stop() == 0, kept.worker.text()[-4000:]
    require_exact(settings, expected, duplicates=expected.result.duplicates)
    assert tombstones(settings) > 0
    assert forgotten(settings) > 0
    assert not list((tmp_path / "state").glob("*.sqlite*"))
