"""A local copy of the checkpoint topic: it says what the topic says up to an offset, or it is known to be no good."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from models.accounts import Unit
from models.shelf import MemoryShelf
from models.snapshot import pack
from streams.checkpoint_records import ADOPTED, CAMPAIGNS, POSITION, head, position_bytes, tenant_key
from streams.restoration import Restoration
from streams.topic_copy import DoubtfulError, TopicCopy
from tests.streams.fakes import Record
from tests.streams.test_rehome import tenant
from tests.streams.test_restoration import mark

TOPIC = "topic-id"


def states(name: str, seen: int) -> bytes:
    return pack(tenant(name, 1, position=seen))


def topic(chance: Random, passes: int = 30) -> list[Record]:
    """Passes of a worker: tenants, a mark, tombstones; others' late passes and what is no tenant's among them."""
    records: list[Record] = []

    def add(key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...] = ()) -> None:
        records.append(
            Record(len(records) * 3, value, key, headers=headers)
        )  # offsets with gaps, as compaction leaves them

    for number in range(passes):
        generation = int(number > passes * 0.7 and chance.random() < 0.9)
        position = number * 10 - (25 if chance.random() < 0.2 else 0)  # the late ones
        for name in chance.sample("abcdefghijkl", chance.randrange(6)):
            seen = position - chance.randrange(10)
            add(tenant_key(generation, (name, "")), position_bytes(position) + states(name, seen))
        if chance.random() < 0.2:
            add(CAMPAIGNS, position_bytes(7) + b"campaigns")
        if chance.random() < 0.2:
            add(head(ADOPTED, generation), position_bytes(position) + b"\x90")
        add(*mark(position, generation))
        for name in chance.sample("abcdefghijkl", chance.randrange(2)):
            add(tenant_key(generation, (name, "")), None, ((POSITION, position_bytes(position)),))
    return records


def found(*readings: object) -> tuple[dict[Unit, bytes], object, object]:
    """What a restoration finds in what it is given."""
    shelf = MemoryShelf()
    restoration = Restoration(shelf)
    for _ in range(2):
        for some in readings:
            restoration.take(list(some))  # type: ignore[call-overload]
        if restoration.is_right:
            break
        shelf.clear()
        restoration = Restoration(shelf, restoration.newest)
    return dict(shelf), restoration.mark, restoration.adoptions


@pytest.mark.parametrize("seed", range(20))
def test_a_copy_and_the_rest_of_the_topic_are_the_topic(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    records = topic(chance)
    cut = chance.randrange(len(records))
    copy, at = TopicCopy(tmp_path / "copy", TOPIC, 3), 0
    while at < cut:
        upto = min(cut, at + chance.randrange(1, 9))
        copy.take(records[max(0, at - 2) : upto])  # some come twice
        at = upto
        if chance.random() < 0.2:  # a worker that starts again
            copy.close()
            copy = TopicCopy(tmp_path / "copy", TOPIC, 3)
    assert copy.extent.end == (records[cut - 1].offset + 1 if cut else 0)
    rest = [record for record in records if record.offset >= copy.extent.end]
    assert found(list(copy.rows()), rest) == found(records)
    copy.close()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_was_on_disk_when_the_process_was_killed_is_the_topic_before_some_offset(
    tmp_path: Path, seed: int
) -> None:
    chance = Random(seed)
    records = topic(chance)
    copy = TopicCopy(tmp_path / "copy.sqlite", TOPIC, 3)
    for at in range(0, len(records), 7):
        copy.take(records[at : at + 7])
        if (
            chance.random() < 0.3
        ):  # what a killed process leaves: the files as they are now, the log of the database among them
            left = tmp_path / f"left-{at}"
            left.mkdir()
            for file in tmp_path.glob("copy.sqlite*"):
                shutil.copy(file, left / file.name)
            again = TopicCopy(left / "copy.sqlite", TOPIC, 3)
            assert again.extent == copy.extent
            assert list(again.rows()) == list(copy.rows())
            again.close()
    copy.close()


def written(path: Path) -> TopicCopy:
    copy = TopicCopy(path, TOPIC, 3)
    copy.take(topic(Random(1)))
    return copy


@pytest.mark.parametrize(("topic_id", "partition"), [("another", 3), (TOPIC, 4)])
def test_a_copy_of_another_topic_or_partition_is_refused(tmp_path: Path, topic_id: str, partition: int) -> None:
    written(tmp_path / "copy").close()
    with pytest.raises(DoubtfulError, match="of another topic"):
        TopicCopy(tmp_path / "copy", topic_id, partition)


Damage = Callable[[sqlite3.Connection], object]
DAMAGES: list[Damage] = [
    lambda db: db.execute("DELETE FROM newest WHERE number = (SELECT min(number) FROM newest)"),
    lambda db: db.execute("UPDATE newest SET key = key || x'00' WHERE number = (SELECT min(number) FROM newest)"),
    lambda db: db.execute("UPDATE newest SET value = value || x'00' WHERE number = (SELECT max(number) FROM newest)"),
    lambda db: db.execute("INSERT INTO newest (key, value, checksum) VALUES (x'00', x'00', 3523407757)"),
    lambda db: db.execute("UPDATE extent SET said = replace(said, '\"end\":', '\"end\":1')"),
    lambda db: db.execute("UPDATE extent SET said = '5 {}'"),
    lambda db: db.execute("DELETE FROM extent"),
    lambda db: db.execute("DROP TABLE newest"),
]


@pytest.mark.parametrize("damage", range(len(DAMAGES)))
def test_a_copy_that_is_not_as_it_was_written_is_refused(tmp_path: Path, damage: int) -> None:
    written(tmp_path / "copy").close()
    db = sqlite3.connect(tmp_path / "copy", isolation_level=None)
    DAMAGES[damage](db)
    db.close()
    with pytest.raises(DoubtfulError):
        list(TopicCopy(tmp_path / "copy", TOPIC, 3).rows())


@pytest.mark.parametrize("seed", range(12))
def test_bytes_changed_anywhere_in_the_file_are_noticed_or_make_no_difference(tmp_path: Path, seed: int) -> None:
    chance, copy = Random(seed), written(tmp_path / "copy")
    truth, extent = list(copy.rows()), copy.extent
    copy.close()
    data = bytearray((tmp_path / "copy").read_bytes())
    for _ in range(20):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    (tmp_path / "copy").write_bytes(data)
    try:
        again = TopicCopy(tmp_path / "copy", TOPIC, 3)
        assert (again.extent, sorted(again.rows())) == (extent, sorted(truth))
    except DoubtfulError:
        pass


def test_a_foreign_record_ends_the_copying(tmp_path: Path) -> None:
    copy = written(tmp_path / "copy")
    before = copy.extent
    with pytest.raises(DoubtfulError, match="no worker wrote"):
        copy.take([Record(before.end, b"what is this", b"key")])
    assert copy.extent == before
