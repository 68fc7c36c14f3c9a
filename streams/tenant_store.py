"""Packed tenants in a file of their own: what a worker holds beyond its limit of tenants in memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from models.accounts import Unit
from schemas.errors import RetryLater

#: Keys asked for in one statement.
TOGETHER = 500
PAGE_BYTES, CACHE_KB = 16_384, 4_096
_LENGTH_BYTES = 2

Item = tuple[Unit, bytes]


class TenantStore:
    """An SQLite file with a packed tenant a row; new rows have higher numbers. A cache: nothing in it outlives its process.

    So it has no journal and waits for no disk: a file that a crash or a full disk leaves broken is thrown away, and the state is read
    from the checkpoint topic again. Every failure is `RetryLater`, and the file is not to be used after it.

    Compared before it was chosen, 400,000 values of 2.2 kB under random keys, us of CPU a value, 2026-11, on 2 shared cores:

    | store | new | anew | got, 500 together | got alone | process memory | file | Python package |
    |---|---|---|---|---|---|---|---|
    | SQLite 3.40, no journal | 13 to 28 | 32 to 43 | 13 to 15 | 38 | 21 MB | 3.1 kB a value | the standard library |
    | LMDB (lmdb 3.0) | 24 | 22 | 6 | 8 | 22 MB, and the file mapped: 1.5 GB of RSS | 3.9 kB | kept, wheels to 3.14 |
    | RocksDB (rocksdict 0.3.29) | 24 | 32 | 45 | 62 | 66 MB | 4.0 kB | kept, wheels to 3.14 |
    | RocksDB (faust-streaming-rocksdb 0.9.3) | 33 | 86 | 48 | 28 | 66 MB | 4.7 kB | inactive, 183 MB |

    LMDB is the faster one, by 7 us a tenant that comes back. It was not taken because a disk that fails under a mapped file kills the
    process by a signal, without a word, and because its map counts as memory of the process, so that nobody can see whether the limit
    holds. Its keys end at 511 bytes too. Here a failing disk is an exception, and memory is the cache that is set.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._asking():
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            for setting in (
                f"page_size = {PAGE_BYTES}",
                "journal_mode = OFF",
                "synchronous = OFF",
                "locking_mode = EXCLUSIVE",
                f"cache_size = -{CACHE_KB}",
            ):
                self._db.execute(f"PRAGMA {setting}")
            self._db.execute("CREATE TABLE tenants (number INTEGER PRIMARY KEY, unit BLOB NOT NULL UNIQUE, packed BLOB NOT NULL)")

    def put(self, items: Iterable[Item]) -> None:
        """Keep these, instead of what was kept of them before, as the newest rows."""
        with self._asking():
            self._db.execute("BEGIN")
            self._db.executemany(
                "REPLACE INTO tenants (unit, packed) VALUES (?, ?)", ((_key(unit), packed) for unit, packed in items)
            )
            self._db.execute("COMMIT")

    def get(self, units: Iterable[Unit]) -> list[Item]:
        """What is kept of these, in any order."""
        keys, found = [_key(unit) for unit in units], []
        with self._asking():
            for begin in range(0, len(keys), TOGETHER):
                some = keys[begin : begin + TOGETHER]
                marks = ",".join("?" * len(some))
                found += self._db.execute(f"SELECT unit, packed FROM tenants WHERE unit IN ({marks})", some).fetchall()  # noqa: S608
        return [(_unit(key), packed) for key, packed in found]

    def drop(self, units: Iterable[Unit]) -> None:
        """Keep these no longer."""
        with self._asking():
            self._db.execute("BEGIN")
            self._db.executemany("DELETE FROM tenants WHERE unit = ?", [(_key(unit),) for unit in units])
            self._db.execute("COMMIT")

    def after(self, number: int, most: int) -> list[tuple[int, Unit, bytes]]:
        """The next rows behind this number, in their order, with their numbers."""
        question = "SELECT number, unit, packed FROM tenants WHERE number > ? ORDER BY number LIMIT ?"
        with self._asking():
            return [(row[0], _unit(row[1]), row[2]) for row in self._db.execute(question, (number, most)).fetchall()]

    def clear(self) -> None:
        """Keep nothing."""
        with self._asking():
            self._db.execute("DELETE FROM tenants")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def __iter__(self) -> Iterator[Item]:
        """All that is kept, oldest first."""
        number = 0
        while rows := self.after(number, TOGETHER):
            for number, unit, packed in rows:  # noqa: B007 - the last one is where to go on
                yield unit, packed

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise RetryLater(
                f"the tenants that are not in memory cannot be kept in {self._path.parent}: {error}; make room there (about 3 kB a "
                "tenant) or name another worker.state_directory, and start again: nothing is lost, the state is in the checkpoint topic"
            ) from None


def _key(unit: Unit) -> bytes:
    """A tenant's name and subject as bytes, told apart by the length of the first."""
    tenant = unit[0].encode()
    return len(tenant).to_bytes(_LENGTH_BYTES, "big") + tenant + unit[1].encode()


def _unit(key: bytes) -> Unit:
    end = _LENGTH_BYTES + int.from_bytes(key[:_LENGTH_BYTES], "big")
    return key[_LENGTH_BYTES:end].decode(), key[end:].decode()
