import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from schemas.codec import decode_event
from schemas.errors import RefusedToStart
from streams.commands import simulate
from streams.commands.simulate import start_ms

SMALL = ["--days", "0.2", "--tenants", "4", "--attackers", "1"]


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    simulate.register(made)
    return made


def run(app: typer.Typer, *arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*map(str, arguments)])
    return result.exit_code, result.output


def test_events_and_labels_are_written(app: typer.Typer, tmp_path: Path) -> None:
    code, output = run(app, "--out", tmp_path / "e.jsonl", "--labels", tmp_path / "l.jsonl", *SMALL)
    assert code == 0, output
    events = [decode_event(line) for line in (tmp_path / "e.jsonl").read_bytes().splitlines()]
    labels = [json.loads(line) for line in (tmp_path / "l.jsonl").read_text().splitlines()]
    assert sum(label["events"] for label in labels) == len(events) > 0
    fields = ["tenant_id", "label", "kind", "campaign", "events", "begin_ms", "end_ms", "attack_ts"]
    assert [list(label) for label in labels] == [fields] * len(labels)
    assert "bulk_distil" in output


def test_compressed_output_holds_the_same_bytes_each_time(app: typer.Typer, tmp_path: Path) -> None:
    names = ("plain.jsonl", "a.jsonl.gz", "b.jsonl.gz")
    for name in names:
        assert run(app, "--out", tmp_path / name, "--labels", tmp_path / "l.jsonl", *SMALL)[0] == 0
    plain, packed, again = ((tmp_path / name).read_bytes() for name in names)
    assert packed == again
    assert gzip.decompress(packed) == plain


def test_events_go_to_standard_output_and_nothing_else_does(tmp_path: Path) -> None:
    code = "import typer; from streams.commands.simulate import register; app = typer.Typer(); register(app); app()"
    command = [sys.executable, "-c", code, "--out", "-", "--labels", str(tmp_path / "l.jsonl"), *SMALL]
    done = subprocess.run(command, capture_output=True, check=True)
    assert all(decode_event(line) for line in done.stdout.splitlines())
    assert b"standard output" in done.stderr


def test_a_reader_that_has_seen_enough_is_no_error_to_shout_about(tmp_path: Path) -> None:
    code = "import typer; from streams.commands.simulate import register; app = typer.Typer(); register(app); app()"
    command = [sys.executable, "-c", code, "--out", "-", "--labels", str(tmp_path / "l.jsonl"), *SMALL]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_a_place_that_cannot_be_written_is_named(app: typer.Typer, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["--out", str(tmp_path / "no" / "e.jsonl"), "--labels", str(tmp_path / "l"), *SMALL]
    )
    assert isinstance(result.exception, RefusedToStart)
    assert "no/e.jsonl: No such file or directory" in str(result.exception)


def test_events_and_labels_do_not_go_to_the_same_place(app: typer.Typer, tmp_path: Path) -> None:
    code, output = run(app, "--out", tmp_path / "x", "--labels", tmp_path / "x", *SMALL)
    assert code == 2
    assert "cannot both" in output


def test_a_start_without_a_zone_is_utc() -> None:
    assert (
        start_ms("1970-01-02")
        == start_ms("1970-01-02T00:00:00Z")
        == start_ms("1970-01-02T01:00:00+01:00")
        == 86_400_000
    )


@pytest.mark.parametrize(
    "text", ["yesterday", "", "2026-13-01", "1969-12-31", "9999-01-01", "0001-01-01T00:00:00+10:00"]
)
def test_a_start_that_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(RefusedToStart, match="--start"):
        start_ms(text)
