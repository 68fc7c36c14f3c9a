"""A local copy of one partition of the checkpoint topic: of each key what counts, up to an offset."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import msgspec
from msgspec import Struct

from models.snapshot import unpack_tenant
from schemas.errors import Unreadable
from streams.checkpoint_records import CAMPAIGNS, FEEDBACK, MARK, POSITION, UNIT, body_of, is_ours, position_of

#: The form of the file; another one is thrown away.
FORM = 1
_SETTINGS = "page_size = 16384", "journal_mode = WAL", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -2048"
_NEWEST = "CREATE TABLE newest (number INTEGER PRIMARY KEY, key BLOB UNIQUE, value BLOB, checksum INTEGER)"


class DoubtfulError(Exception):
    """The copy is not certain to say what the topic says; the text says why. It is thrown away, and the topic is read."""


class Row(NamedTuple):
    """A key and its newest value, as a record of the topic."""

    key: bytes
    value: bytes
    headers: tuple[()] = ()


class Extent(Struct, frozen=True, kw_only=True):
    """What the copy holds: the records of the topic with this id before the offset `end`.

    `mark` is the offset of the last mark among them and `digest` its hash: while the topic holds that record at that offset, it is the
    same topic, not cut off, and no tombstone written since is gone, for tombstones are written after a mark. `rows` and `checksum` tell
    whether the file is as it was written.
    """

    form: int = FORM
    topic_id: str
    partition: int
    end: int = 0
    mark: int = -1
    digest: str = ""
    rows: int = 0
    checksum: int = 0


class TopicCopy:
    """An SQLite file; every step is a transaction, so that a killed process leaves the records before some offset, and no others.

    Opening it raises `DoubtfulError` for a file of another topic, partition or form, and for a damaged one; so does everything else when
    the disk fails. A record costs 40 us.
    """

    def __init__(self, path: Path, topic_id: str, partition: int) -> None:
        with _asking():
            self._db = sqlite3.connect(path, isolation_level=None)
            try:
                self.extent = self._opened(Extent(topic_id=topic_id, partition=partition))
            except BaseException:
                self._db.close()
                raise

    def take(self, records: Iterable[Any]) -> None:
        """Take in the next records of the topic, in their order: the highest position of a key wins, as for who reads the topic."""
        some = [record for record in records if record.offset >= self.extent.end]
        if not some:
            return
        with _asking():
            self._db.execute("BEGIN")
            try:
                newest = self._newest(some)
                rows, checksum = self._write(newest)
                self._note(some, rows, checksum)
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self) -> Iterator[Row]:
        """All that is held, by when it was written; raises `DoubtfulError`, at the end at the latest, when anything is not as it was."""
        count = total = 0
        with _asking():
            for key, value, checksum in self._db.execute("SELECT key, value, checksum FROM newest ORDER BY number"):
                if _checksum(key, value) != checksum:
                    raise DoubtfulError("it is damaged")
                count, total = count + 1, total + checksum
                yield Row(key, value)
        if (count, total) != (self.extent.rows, self.extent.checksum):
            raise DoubtfulError("something is missing in it")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _opened(self, wanted: Extent) -> Extent:
        for setting in _SETTINGS:
            self._db.execute(f"PRAGMA {setting}")
        if not self._db.execute("SELECT name FROM sqlite_master").fetchall():
            self._db.execute("BEGIN")
            self._db.execute(_NEWEST)
            self._db.execute("CREATE TABLE extent (said TEXT NOT NULL)")
            self._db.execute("INSERT INTO extent VALUES (?)", (_said(wanted),))
            self._db.execute("COMMIT")
            return wanted
        found = _extent(self._db.execute("SELECT said FROM extent").fetchone()[0])
        if found.form != wanted.form:
            raise DoubtfulError("another version wrote it")
        if (found.topic_id, found.partition) != (wanted.topic_id, wanted.partition):
            raise DoubtfulError("it is of another topic")
        return found

    def _newest(self, records: list[Any]) -> dict[bytes, bytes | None]:
        newest: dict[bytes, bytes | None] = {}
        for record in records:
            key, value = record.key, record.value
            if not is_ours(key, value):
                raise DoubtfulError("the topic holds a record that no worker wrote")
            if key in (CAMPAIGNS, FEEDBACK):
                continue
            known = newest[key] if key in newest else self._held(key)
            if known is not None and (_is_late(record, known) if value is None else position_of(value) < position_of(known)):
                continue
            newest.pop(key, None)
            newest[key] = value
        return newest

    def _held(self, key: bytes) -> bytes | None:
        row = self._db.execute("SELECT value FROM newest WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def _write(self, newest: dict[bytes, bytes | None]) -> tuple[int, int]:
        """By how much the rows and the sum of their checksums change."""
        rows = total = 0
        for key, value in newest.items():
            old = self._db.execute("SELECT number, checksum FROM newest WHERE key = ?", (key,)).fetchone()
            if old is not None:
                self._db.execute("DELETE FROM newest WHERE number = ?", (old[0],))
                rows, total = rows - 1, total - old[1]
            if value is not None:
                checksum = _checksum(key, value)
                self._db.execute("INSERT INTO newest (key, value, checksum) VALUES (?, ?, ?)", (key, value, checksum))
                rows, total = rows + 1, total + checksum
        return rows, total

    def _note(self, records: list[Any], rows: int, checksum: int) -> None:
        old = self.extent
        marks = [one for one in records if one.key.startswith(MARK) and one.value is not None]
        new = Extent(
            topic_id=old.topic_id,
            partition=old.partition,
            end=records[-1].offset + 1,
            mark=marks[-1].offset if marks else old.mark,
            digest=digest_of(marks[-1]) if marks else old.digest,
            rows=old.rows + rows,
            checksum=old.checksum + checksum,
        )
        self._db.execute("UPDATE extent SET said = ?", (_said(new),))
        self.extent = new


def digest_of(record: Any) -> str:
    """What tells a record from another one."""
    return blake2b(record.key + record.value, digest_size=16).hexdigest()


def _is_late(tombstone: Any, known: bytes) -> bool:
    """Whether the tenant has come back since: a worker that had lost the partition wrote this."""
    said = dict(tombstone.headers).get(POSITION)
    if said is None or not tombstone.key.startswith(UNIT):
        return False
    try:
        return unpack_tenant(body_of(known)).position > position_of(said)
    except Unreadable as error:
        raise DoubtfulError(str(error)) from None


def _checksum(key: bytes, value: bytes) -> int:
    return crc32(value, crc32(key))


def _said(extent: Extent) -> str:
    """An extent as text, with a checksum of its own."""
    text = msgspec.json.encode(extent).decode()
    return f"{crc32(text.encode())} {text}"


def _extent(said: str) -> Extent:
    checksum, _, text = said.partition(" ")
    try:
        if checksum == str(crc32(text.encode())):
            return msgspec.json.decode(text, type=Extent)
    except msgspec.DecodeError:
        pass
    raise DoubtfulError("it is damaged")


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, TypeError, IndexError) as error:
        raise DoubtfulError(f"it cannot be read or written: {error}") from None
