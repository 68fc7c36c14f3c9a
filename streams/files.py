"""Files of records: one JSON event a line, plain, compressed or from standard input."""

import gzip
import os
import stat
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from schemas.errors import RefusedToStart

STDIN = "-"
CHUNK_BYTES = 262_144
GZIP_MAGIC = b"\x1f\x8b"
REFRESH_SECONDS = 0.1


class RecordFile:
    """The lines of a file as bytes, each without its newline; empty lines are skipped.

    Nothing else is altered or judged: invalid UTF-8, spaces and a carriage return before the newline stay. A name
    that ends in `.gz` is decompressed, `-` is standard input, any other name is read as it is. Iterating again reads
    from the start (standard input goes on where it was). A line of 800 bytes costs about 0.5 us; the memory is 256 KiB
    and the longest line.

    Attributes
    ----------
    total_bytes
        Size on disk when the object was made; None where there is none (standard input, a pipe).
    read_bytes
        How much of that has been read so far; updated every 256 KiB, and equal to `total_bytes` at the end.

    Raises
    ------
    RefusedToStart
        Here for a file that is missing, a directory, unreadable or not gzip; while iterating for a gzip file that is
        cut or damaged further on. The text names the file.

    """

    def __init__(self, path: str | Path) -> None:
        self.name = str(path)
        self.total_bytes: int | None = None
        self.read_bytes = 0
        if self.name == STDIN:
            return
        if Path(self.name).is_fifo():  # opening it twice would end its writer
            return
        with self._open() as source:
            status = os.fstat(source.fileno())
            if not stat.S_ISREG(status.st_mode):
                return
            self.total_bytes = status.st_size
            if self._compressed and source.read(2) not in {GZIP_MAGIC, b""}:
                raise RefusedToStart(f"{self.name} is named .gz but is not a gzip file")

    def __iter__(self) -> Iterator[bytes]:
        """Yield the records in the order of the file."""
        self.read_bytes = 0
        if self.name == STDIN:
            if sys.stdin is None:
                raise RefusedToStart("cannot read records from standard input: it is closed")
            yield from _lines(self._chunks(sys.stdin.buffer))
            return
        with self._open() as source:
            yield from _lines(self._unzipped(source) if self._compressed else self._chunks(source))

    @property
    def _compressed(self) -> bool:
        return self.name.lower().endswith(".gz")

    def _open(self) -> BinaryIO:
        try:
            return Path(self.name).open("rb")
        except FileNotFoundError:
            raise RefusedToStart(f"{self.name} does not exist") from None
        except IsADirectoryError:
            raise RefusedToStart(f"{self.name} is a directory, not a file of records") from None
        except (OSError, ValueError) as error:
            raise RefusedToStart(f"cannot read {self.name}: {_why(error)}") from None

    def _chunks(self, source: BinaryIO) -> Iterator[bytes]:
        try:
            # read1 returns what a pipe has now, where read would wait for a full chunk.
            while chunk := source.read1(CHUNK_BYTES):  # type: ignore[attr-defined]
                self.read_bytes += len(chunk)
                yield chunk
        except OSError as error:
            raise RefusedToStart(f"cannot read {self.name}: {_why(error)}") from None

    def _unzipped(self, source: BinaryIO) -> Iterator[bytes]:
        try:
            with gzip.GzipFile(fileobj=source, mode="rb") as unzipped:
                while chunk := unzipped.read1(CHUNK_BYTES):
                    self.read_bytes = source.tell() if self.total_bytes else 0
                    yield chunk
            self.read_bytes = self.total_bytes or 0
        except EOFError:
            raise RefusedToStart(f"{self.name} is a broken gzip file: it is cut off") from None
        except (OSError, zlib.error) as error:
            raise RefusedToStart(f"{self.name} is a broken gzip file: {_why(error)}") from None


def _why(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Cut chunks into lines; a line that spans many chunks is joined once."""
    begun: list[bytes] = []
    for chunk in chunks:
        first, *rest = chunk.split(b"\n")
        begun.append(first)
        if rest:
            if whole := b"".join(begun):
                yield whole
            begun = [rest.pop()]
            yield from filter(None, rest)
    if last := b"".join(begun):
        yield last


def track(records: RecordFile, label: str) -> Iterator[bytes]:
    """Yield the records, with a progress bar (bytes, records a second, time left) where standard error is a terminal.

    The bar is redrawn at most ten times a second and removed when the iteration ends; nothing is shown otherwise.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from records
        return
    with _bar(console) as bar:
        task = bar.add_task(label, total=records.total_bytes, speed="")
        begin = drawn = time.monotonic()
        for count, record in enumerate(records, 1):
            if not count & 63 and (now := time.monotonic()) - drawn >= REFRESH_SECONDS:
                drawn = now
                bar.update(task, completed=records.read_bytes, speed=f"{count / (now - begin):,.0f}", refresh=True)
            yield record


def _bar(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[speed]} records/s"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, auto_refresh=False, transient=True)
