import gzip
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from schemas.errors import RefusedToStart
from streams import files
from streams.files import RecordFile, track


def written(folder: Path, content: bytes, name: str = "events.jsonl") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


@pytest.mark.parametrize("name", ["events.jsonl", "events.jsonl.gz", "events"])
def test_lines_keep_every_byte_but_the_newline(tmp_path: Path, name: str) -> None:
    content = b'{"a":1}\r\n\n\xff\xfe broken\n  \n\n{"last":"no newline"}'
    records = RecordFile(written(tmp_path, content, name))
    assert list(records) == [b'{"a":1}\r', b"\xff\xfe broken", b"  ", b'{"last":"no newline"}']
    assert records.total_bytes == records.read_bytes == (tmp_path / name).stat().st_size


@given(st.lists(st.binary(min_size=1, max_size=40).filter(lambda line: b"\n" not in line)), st.integers(1, 50))
def test_lines_are_the_same_however_they_are_cut_into_chunks(lines: list[bytes], size: int) -> None:
    content = b"".join(line + b"\n" for line in lines)
    chunks = (content[at : at + size] for at in range(0, len(content), size))
    assert list(files._lines(chunks)) == lines


def test_a_line_longer_than_a_chunk_is_whole(tmp_path: Path) -> None:
    long = b"x" * (3 * files.CHUNK_BYTES + 7)
    assert list(RecordFile(written(tmp_path, b"a\n" + long + b"\nb\n"))) == [b"a", long, b"b"]


def test_reading_again_starts_at_the_beginning(tmp_path: Path) -> None:
    records = RecordFile(written(tmp_path, b"1\n2\n"))
    assert list(records) == list(records) == [b"1", b"2"]


@pytest.mark.parametrize("name", ["empty.jsonl", "empty.jsonl.gz"])
def test_an_empty_file_has_no_records(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    assert list(RecordFile(tmp_path / name)) == []


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RefusedToStart, match=r"nowhere\.jsonl does not exist"):
        RecordFile(tmp_path / "nowhere.jsonl")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedToStart, match="is a directory"):
        RecordFile(tmp_path)


def test_a_name_no_file_can_have_is_refused() -> None:
    with pytest.raises(RefusedToStart, match="cannot read"):
        RecordFile("a\0b")


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, b"1\n")

    def denied(*_: object) -> None:  # the test may run as root, to whom every file is open
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(RefusedToStart, match=r"cannot read .*events\.jsonl: Permission denied"):
        RecordFile(path)


def test_a_file_that_only_bears_the_name_of_gzip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "events.gz").write_bytes(b'{"a":1}\n')
    with pytest.raises(RefusedToStart, match=r"events\.gz is named \.gz but is not a gzip file"):
        RecordFile(tmp_path / "events.gz")


@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_a_damaged_gzip_file_is_refused_by_name(tmp_path: Path, damage: str) -> None:
    whole = gzip.compress(os.urandom(50_000).hex().encode())
    broken = whole[: len(whole) // 2] if damage == "cut" else whole[:5000] + b"\0" * 3000 + whole[8000:]
    (tmp_path / "events.gz").write_bytes(broken)
    with pytest.raises(RefusedToStart, match=r"events\.gz is a broken gzip file"):
        list(RecordFile(tmp_path / "events.gz"))


def test_standard_input_is_read_as_it_comes() -> None:
    code = "from streams.files import RecordFile; r = RecordFile('-'); print(list(r), r.total_bytes, r.read_bytes)"
    run = subprocess.run([sys.executable, "-c", code], input=b"1\r\n\n2", capture_output=True, check=True)
    assert run.stdout.decode().strip() == r"[b'1\r', b'2'] None 5"


def test_a_record_of_a_pipe_is_there_before_the_pipe_ends() -> None:
    code = "from streams.files import RecordFile\nfor r in RecordFile('-'): print(r.decode(), flush=True)"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdin.write(b"first\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == b"first\n"
        reader.stdin.close()


def test_a_named_pipe_is_read_without_a_size(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen([sys.executable, "-c", f"open({str(pipe)!r}, 'wb').write(b'1\\n2\\n')"]):
        records = RecordFile(pipe)
        assert (list(records), records.total_bytes) == ([b"1", b"2"], None)


def test_progress_is_silent_when_nobody_looks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(track(RecordFile(written(tmp_path, b"1\n2\n")), "reading")) == [b"1", b"2"]
    assert capsys.readouterr().err == ""


def test_progress_shows_bytes_and_speed_on_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=120)
    monkeypatch.setattr(files, "Console", lambda **_: terminal)
    monkeypatch.setattr(files, "REFRESH_SECONDS", 0)
    assert len(list(track(RecordFile(written(tmp_path, b"event\n" * 1000)), "reading"))) == 1000
    assert "reading" in screen.getvalue()
    assert "records/s" in screen.getvalue()
