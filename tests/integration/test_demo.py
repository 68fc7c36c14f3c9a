"""The demo, as a person runs it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from streams.local.ports import free_ports
from streams.settings import PREFIX
from tests.integration.drill import wait_until


@pytest.fixture
def environment(tmp_path: Path, jars: Path) -> dict[str, str]:
    out = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    first = free_ports(4)
    return out | {
        f"{PREFIX}LOCAL__DIRECTORY": str(tmp_path / "local"),
        f"{PREFIX}LOCAL__JARS": str(jars),
        f"{PREFIX}KAFKA__BOOTSTRAP_SERVERS": f"127.0.0.1:{first}",
        f"{PREFIX}CLICKHOUSE__PORT": str(first + 2),
        f"{PREFIX}WATCH__PORT": str(first + 3),
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "streams.cli", "demo", *arguments]


def processes_under(directory: Path) -> list[str]:
    """Command lines of the processes that name this directory; our own descendants all do."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(directory) in line:
                found.append(line)
    return found


def test_the_demo_ends_and_every_record_is_in_its_sums(
    environment: dict[str, str], traffic: list[bytes], tmp_path: Path
) -> None:
    events, summary = tmp_path / "events.jsonl", tmp_path / "summary.json"
    events.write_bytes(b"\n".join([*traffic[:3000], b"{", *traffic[:3000][-20:]]) + b"\n")
    done = subprocess.run(
        command("--once", "--events", str(events), "--summary", str(summary)),
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = orjson.loads(summary.read_bytes())
    assert (said["events_in"], said["events_applied"], said["duplicates"], said["dead_letters"]) == (3021, 3000, 20, 1)
    assert said["requests_in_rows"] == 3000
    assert said["feature_rows"] > 0
    assert "investigate" in done.stdout
    assert processes_under(tmp_path / "local") == []


def test_ctrl_c_ends_the_demo_and_all_that_it_started(environment: dict[str, str], tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        demo = subprocess.Popen(command(), env=environment, stdout=out, stderr=out)
        try:
            wait_until(lambda: b"worker: started" in (tmp_path / "out").read_bytes())
            demo.send_signal(signal.SIGINT)
            assert demo.wait(60) == 130
        finally:
            demo.terminate()
            demo.wait(60)
    assert processes_under(tmp_path / "local") == []


def test_a_file_that_is_not_there_is_one_line_and_starts_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        command("--events", str(tmp_path / "none.jsonl")),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "none.jsonl does not exist" in done.stderr
    assert not (tmp_path / "local").exists()
