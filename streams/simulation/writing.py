"""Simulated traffic into files: records and labels, one JSON object a line."""

import gzip
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from schemas.errors import RefusedToStart
from streams.simulation.traffic import TenantLabel

STDOUT = "-"
BATCH_RECORDS = 1000


def write_records(path: str, records: Iterable[bytes]) -> int:
    """Write one record a line to `path` (`.gz` is compressed, `-` is standard output) and return how many.

    Raises `RefusedToStart` when the file cannot be written; `BrokenPipeError` when the reader of the output is gone.
    """
    count, batch = 0, bytearray()
    with _opened(path) as out:
        for count, record in enumerate(records, 1):
            batch += record + b"\n"
            if not count % BATCH_RECORDS:
                out.write(batch)
                batch.clear()
        out.write(batch)
        out.flush()
    return count


def write_labels(path: str, labels: Iterable[TenantLabel]) -> int:
    """Write one label a line to `path`, as `write_records` does."""
    return write_records(path, map(msgspec.json.encode, labels))


@contextmanager
def _opened(path: str) -> Iterator[IO[bytes] | gzip.GzipFile]:
    try:
        if path == STDOUT:
            yield sys.stdout.buffer
            return
        with Path(path).open("wb") as plain:
            if not path.lower().endswith(".gz"):
                yield plain
                return
            # No name and no time in the header: the same records give the same bytes.
            with gzip.GzipFile(filename="", fileobj=plain, mode="wb", compresslevel=6, mtime=0) as packed:
                yield packed
    except BrokenPipeError:
        raise
    except OSError as error:
        raise RefusedToStart(f"cannot write {path}: {error.strerror or error}") from None
