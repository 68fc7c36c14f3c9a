"""The requests topic made anew, or grown, under a worker's state: refused, re-homed, and every sum still exact."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from models.partition import Checkpoint
from schemas.errors import ForeignState, RefusedToStart
from schemas.partitioner import partition_of
from streams.checkpoints import CheckpointLog
from streams.rehome import rehome
from streams.replay import replay
from streams.settings import Settings
from streams.topics import admin, create_topics, describe, verify
from tests.conftest import MakeSettings
from tests.integration.drill import (
    Expected,
    Key,
    WorkerProcess,
    alerts_on,
    judged,
    totals_on,
    wait_until,
    windows_on,
    without_versions,
)

WORKER = {"checkpoint_seconds": 0.5}
Run = Callable[[Settings], WorkerProcess]


@pytest.fixture
def run_worker(tmp_path: Path) -> Run:
    return lambda settings: WorkerProcess(settings, tmp_path / "worker.log", "--role", "judge")


def judge_all(settings: Settings, run: Run) -> None:
    worker = run(settings)
    wait_until(lambda: judged(settings), worker)
    assert worker.stop() == 0, worker.text()[-4000:]


def is_refused(settings: Settings, run: Run) -> None:
    worker = run(settings)
    assert worker.wait(60) == 1, worker.text()[-4000:]
    assert "run: distillwatch rehome" in worker.text().splitlines()[-1]


def make_anew(settings: Settings, partitions: int) -> None:
    """Delete the requests topic and create it again."""
    name = settings.topics.requests
    with admin(settings.kafka) as client:
        client.delete_topics([name])
        wait_until(lambda: name not in client.list_topics())
        client.create_topics({name: {"num_partitions": partitions, "replication_factor": 1}})
        client.wait_for_topics([name])


def grow(settings: Settings, partitions: int) -> None:
    with admin(settings.kafka) as client:
        client.create_partitions({settings.topics.requests: partitions})
    wait_until(lambda: describe(settings)[0].partitions == partitions)


def requests_by_tenant(settings: Settings) -> Counter[str]:
    """The sum over the newest version of every row."""
    out: Counter[str] = Counter()
    for row in windows_on(settings).values():
        out[row.tenant] += row.requests
    return out


def expected_by_tenant(settings: Settings, records: list[bytes]) -> Counter[str]:
    out: Counter[str] = Counter()
    for row in Expected(settings, records).windows.values():
        out[row.tenant] += row.requests
    return out


def versions(settings: Settings) -> dict[Key, int]:
    return {key: row.version for key, row in windows_on(settings).items()}


def test_a_topic_made_anew_is_refused_and_after_rehome_the_stream_goes_on_as_if_nothing_had_been(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Run
) -> None:
    settings = make_settings(worker=WORKER)
    half = len(traffic) // 2
    replay(traffic[:half], settings)
    judge_all(settings, run_worker)
    before = versions(settings)
    make_anew(settings, 4)
    replay(traffic[half:], settings)
    is_refused(settings, run_worker)
    result = rehome(settings)
    assert (result.needed, result.moved, result.raised, result.generation) == (True, 0, (), 1)
    assert result.tenants == result.tenants_before > 20
    judge_all(settings, run_worker)
    expected = Expected(settings, traffic)
    assert without_versions(windows_on(settings)) == without_versions(expected.windows)
    assert alerts_on(settings) == expected.alerts
    assert totals_on(settings) == {"applied": len(traffic), "duplicates": 0, "dead_letters": 0}
    after = versions(settings)
    assert all(after[key] >= version for key, version in before.items())
    assert (
        min(version for key, version in after.items() if version != before.get(key)) >= 1 << 48 > max(before.values())
    )


def test_after_partitions_are_doubled_and_rehome_every_request_counts_once_also_those_that_were_waiting(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Run
) -> None:
    settings = make_settings(worker=WORKER)
    third = len(traffic) // 3
    replay(traffic[:third], settings)
    judge_all(settings, run_worker)
    replay(traffic[third : 2 * third], settings)  # these wait where their tenants were before
    grow(settings, 8)
    is_refused(settings, run_worker)
    result = rehome(settings)
    assert set(result.raised) == {settings.topics.checkpoints, settings.topics.rows}
    assert (result.partitions_before, result.partitions, result.tenants) == (4, 8, result.tenants_before)
    assert 0 < result.moved < result.tenants
    verify(describe(settings))
    replay(traffic[2 * third :], settings)
    judge_all(settings, run_worker)
    assert requests_by_tenant(settings) == expected_by_tenant(settings, traffic)
    assert totals_on(settings) == {"applied": len(traffic), "duplicates": 0, "dead_letters": 0}
    alerts_on(settings)  # a line that is told twice must be equal to the letter
    new_homes = {key[2] for key, version in versions(settings).items() if key[2] >= 4 and version >= 1 << 48}
    assert new_homes == {4, 5, 6, 7}


def test_a_tenant_that_moved_is_known_where_it_arrives(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Run
) -> None:
    settings = make_settings(worker=WORKER)
    most = len(traffic) * 9 // 10
    replay(traffic[:most], settings)
    judge_all(settings, run_worker)
    told = alerts_on(settings)
    grow(settings, 6)
    rehome(settings)
    replay(traffic[most:], settings)
    judge_all(settings, run_worker)
    expected = Expected(settings, traffic)
    assert told.items() <= expected.alerts.items()
    assert alerts_on(settings).keys() == expected.alerts.keys()
    moved = {row.tenant for row in windows_on(settings).values() if row.source_partition != partition_of(row.tenant, 6)}
    assert moved


def test_interrupted_anywhere_and_run_again_it_comes_to_the_same_end(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings(worker=WORKER)
    traffic = traffic[: len(traffic) // 4]
    half = len(traffic) // 2
    replay(traffic[:half], settings)
    judge_all(settings, run_worker)
    grow(settings, 6)
    with monkeypatch.context() as patch:
        patch.setattr(CheckpointLog, "write_tenants", fails_at(3, CheckpointLog.write_tenants))
        with pytest.raises(InterruptedError):
            rehome(settings)
    is_refused(settings, run_worker)
    with monkeypatch.context() as patch:
        patch.setattr(CheckpointLog, "write", fails_at(2, CheckpointLog.write))  # some marks are there, others are not
        with pytest.raises(InterruptedError):
            rehome(settings)
    is_refused(settings, run_worker)
    assert rehome(settings).needed
    assert totals_on(settings) == {"applied": half, "duplicates": 0, "dead_letters": 0}
    replay(traffic[half:], settings)
    judge_all(settings, run_worker)
    assert requests_by_tenant(settings) == expected_by_tenant(settings, traffic)
    again = rehome(settings)
    assert (again.needed, again.moved, again.raised) == (False, 0, ())


def fails_at(partition: int, real: Callable[..., object]) -> Callable[..., object]:
    def interrupted(log: CheckpointLog, index: int, checkpoint: Checkpoint) -> object:
        if index == partition:
            raise InterruptedError
        return real(log, index, checkpoint)

    return interrupted


def test_with_nothing_ever_judged_there_is_nothing_to_do(make_settings: MakeSettings) -> None:
    settings = make_settings()
    result = rehome(settings)
    assert (result.needed, result.raised, result.tenants) == (False, (), 0)
    grow(settings, 5)
    assert len(rehome(settings).raised) == 2
    verify(describe(settings))


def test_it_is_refused_while_a_worker_is_alive(
    make_settings: MakeSettings, traffic: list[bytes], run_worker: Run
) -> None:
    settings = make_settings(worker=WORKER)
    replay(traffic[:100], settings)
    worker = run_worker(settings)
    wait_until(lambda: judged(settings), worker)
    with pytest.raises(RefusedToStart, match=r"1 worker is alive in group .*: stop all of them first"):
        rehome(settings)
    assert worker.stop() == 0


def test_fewer_partitions_than_before_are_refused_with_what_to_do(make_settings: MakeSettings) -> None:
    settings = make_settings()
    make_anew(settings, 3)
    with pytest.raises(RefusedToStart, match=r"has 3 partitions but .* has 4, .*: give .* 4, or begin anew"):
        rehome(settings)


def test_a_missing_topic_is_told(make_settings: MakeSettings) -> None:
    settings = make_settings(create=False)
    with pytest.raises(RefusedToStart, match="run `distillwatch topics`"):
        rehome(settings)
    create_topics(settings)
    assert not rehome(settings).needed


def test_a_record_that_no_worker_wrote_is_refused(make_settings: MakeSettings) -> None:
    settings = make_settings()
    replay(
        [b'{"tenant_id":"t"}'],
        settings.model_copy(
            update={"topics": settings.topics.model_copy(update={"requests": settings.topics.checkpoints})}
        ),
    )
    with pytest.raises(ForeignState, match="no worker wrote"):
        rehome(settings)
