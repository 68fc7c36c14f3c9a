"""The records that every job is given: composed traffic where it can be had, else our simulator's."""

from itertools import islice
from pathlib import Path

from msgspec import Struct

from schemas.errors import RefusedToStart
from streams.files import RecordFile
from tests.benchmarks.quality.traffic import Parameters, Traffic

SEED = 1
PARAMETERS = Parameters(benign=120, days=1, rounds=1)


class Content(Struct, frozen=True, kw_only=True):
    """The records in their order, and in words where they are from."""

    words: str
    records: list[bytes]

    @property
    def bytes_per_record(self) -> float:
        """Mean size of a record's value."""
        return sum(map(len, self.records)) / len(self.records)


def content(events: Path | None, most: int, folder: Path, evaluation: Path | None) -> Content:
    """The first `most` records of a file, or of traffic made in `folder`; raises `RefusedToStart` when there are none."""
    if events is not None:
        source, words = events, f"events of {events.name}"
    else:
        traffic = Traffic(folder, evaluation, PARAMETERS)
        source, words = traffic.made(SEED).events, f"{traffic.maker}: {PARAMETERS.words()}, seed {SEED}"
    records = list(islice(RecordFile(source), most))
    if not records:
        raise RefusedToStart(f"{source} holds no records")
    return Content(words=words, records=records)
