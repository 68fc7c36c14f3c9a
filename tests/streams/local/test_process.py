"""Processes of our own: found again, never mistaken for others, nothing left behind."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.errors import RefusedToStart
from streams.local.process import Birth, OwnedProcess, birth_of, read_birth

WAITS = [sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()"]
WAITS_STUBBORNLY = [
    sys.executable,
    "-c",
    "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()",
]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[OwnedProcess]:
    own = OwnedProcess("thing", tmp_path)
    yield own
    own.kill()


def start(process: OwnedProcess, command: list[str]) -> int:
    process.start(command, ready=lambda: "up" in process.log_file.read_text(), timeout_seconds=20)
    pid = process.pid()
    assert pid is not None
    return pid


def test_a_later_command_finds_the_process_again_and_stops_it(process: OwnedProcess, tmp_path: Path) -> None:
    pid = start(process, WAITS)
    later = OwnedProcess("thing", tmp_path)
    assert later.pid() == pid
    assert later.memory_bytes() > 1_000_000
    assert process.stop()
    assert later.pid() is None
    assert not process.pid_file.exists()
    assert not process.stop()


def test_a_process_that_ignores_the_request_to_end_is_killed_after_the_grace(process: OwnedProcess) -> None:
    pid = start(process, WAITS_STUBBORNLY)
    assert process.stop(grace_seconds=0.1)
    assert birth_of(pid) is None


def test_it_runs_in_a_session_of_its_own_so_that_a_ctrl_c_reaches_us_only(process: OwnedProcess) -> None:
    pid = start(process, WAITS)
    assert os.getsid(pid) == pid != os.getsid(0)


def test_a_stranger_with_a_recycled_process_id_is_neither_ours_nor_killed(process: OwnedProcess) -> None:
    stranger = birth_of(os.getpid())
    assert stranger is not None
    recycled = Birth(stranger.pid, stranger.started_ticks - 1, stranger.boot)
    process.pid_file.write_text(recycled.line())
    assert process.pid() is None
    assert not process.kill()  # would have ended this test run
    assert not process.pid_file.exists()


def test_a_process_id_of_before_the_machine_started_anew_is_not_ours(process: OwnedProcess) -> None:
    stranger = birth_of(os.getpid())
    assert stranger is not None
    process.pid_file.write_text(Birth(stranger.pid, stranger.started_ticks, "another-boot").line())
    assert process.pid() is None


@pytest.mark.parametrize("content", ["", "12", "x y z", "1 2 3 4"])
def test_a_pid_file_that_says_nothing_whole_means_not_running(process: OwnedProcess, content: str) -> None:
    process.pid_file.write_text(content)
    assert read_birth(process.pid_file) is None
    assert process.pid() is None


def test_a_process_that_dies_while_starting_is_told_in_one_line_with_its_last_words(process: OwnedProcess) -> None:
    dies = [sys.executable, "-c", "raise SystemExit('no such luck')"]
    with pytest.raises(RefusedToStart, match=r"^thing ended while starting \(exit code 1\): no such luck \(log: .*\)$"):
        process.start(dies, ready=lambda: False, timeout_seconds=20)
    assert not process.pid_file.exists()


def test_a_process_that_is_not_ready_in_time_is_not_left_running(process: OwnedProcess) -> None:
    seen: list[int | None] = []

    def never() -> bool:
        seen.append(process.pid())
        return False

    with pytest.raises(RefusedToStart, match=r"^thing did not answer in 0\.2 s"):
        process.start(WAITS, ready=never, timeout_seconds=0.2)
    assert process.pid() is None
    assert seen[0] is not None
    assert birth_of(seen[0]) is None


def test_an_interrupt_while_starting_leaves_nothing_running(process: OwnedProcess) -> None:
    seen: list[int | None] = []

    def interrupted() -> bool:
        seen.append(process.pid())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        process.start(WAITS, ready=interrupted, timeout_seconds=20)
    assert seen[0] is not None
    assert birth_of(seen[0]) is None


def test_last_words_leave_out_the_frames_of_a_stack_trace(process: OwnedProcess) -> None:
    words = "import sys; sys.exit('java.Error: port\\n\\tat a.B.c(B.java:1)\\n\\t... 3 more')"
    with pytest.raises(RefusedToStart, match=r": java\.Error: port \(log"):
        process.start([sys.executable, "-c", words], ready=lambda: False, timeout_seconds=20)


def test_a_long_log_is_put_aside_at_the_next_start(process: OwnedProcess) -> None:
    with process.log_file.open("wb") as log:
        log.truncate(16_000_001)
    start(process, WAITS)
    assert process.log_file.stat().st_size < 100
    assert process.log_file.with_suffix(".log.1").stat().st_size == 16_000_001
