"""What a shelf promises, of each that ships: what comes back is what was put; and what a limit and a broken disk do."""

import resource
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from models.accounts import Unit
from models.shelf import MemoryShelf, Shelf
from schemas.errors import RefusedToStart, RetryLater
from streams.state_directory import StateDirectory
from streams.stored_shelf import StoredShelf

Make = Callable[[], Shelf]
LIMIT = 5


@pytest.fixture(params=["memory", "stored"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    directory = StateDirectory(tmp_path / "state", LIMIT)
    yield MemoryShelf if request.param == "memory" else lambda: directory.open(0)
    directory.end()


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[StateDirectory]:
    made = StateDirectory(tmp_path / "state", LIMIT)
    yield made
    made.end()


def unit(number: int) -> Unit:
    return f"örg_{number}", "subject" if number % 3 == 0 else ""


@pytest.mark.parametrize("seed", range(8))
def test_what_comes_back_is_what_was_put_last_to_the_byte(make: Make, seed: int) -> None:
    shelf, chance, truth = make(), Random(seed), dict[Unit, bytes]()
    for _ in range(3000):
        one = unit(chance.randrange(40))
        what = chance.random()
        if what < 0.4:
            truth[one] = chance.randbytes(chance.randrange(1, 30))
            shelf.put(one, truth[one], suspect=chance.random() < 0.2)
        elif what < 0.7:
            assert shelf.get(one) == truth.get(one)
        elif what < 0.8:
            shelf.fetch([unit(chance.randrange(50)) for _ in range(9)])
        elif what < 0.85:
            truth.pop(one, None)
            shelf.drop([one])
        elif what < 0.9:
            found = shelf.oldest(3)
            assert found == [(held, truth[held]) for held, _ in found]
        else:
            shelf.settle()
        assert (shelf.tenants, shelf.size_bytes) == (len(truth), sum(map(len, truth.values())))
    assert dict(shelf) == truth
    assert sum(1 for _ in shelf) == len(truth)


def test_all_are_found_by_looking_at_the_oldest_and_dropping_them(make: Make) -> None:
    shelf, found = make(), list[Unit]()
    for number in range(30):
        shelf.put(unit(number), b"packed")
        shelf.settle()
    shelf.get(unit(3))
    shelf.put(unit(3), b"again")
    while some := shelf.oldest(4):
        found += [one for one, _ in some]
        shelf.drop(one for one, _ in some)
    assert found == [unit(number) for number in range(30) if number != 3] + [unit(3)]
    assert (shelf.tenants, shelf.size_bytes) == (0, 0)


def test_a_cleared_shelf_is_as_new(make: Make) -> None:
    shelf = make()
    for number in range(20):
        shelf.put(unit(number), b"packed", suspect=number < 8)
    shelf.settle()
    shelf.clear()
    assert (shelf.tenants, shelf.size_bytes, shelf.far, list(shelf)) == (0, 0, 0, [])
    shelf.put(unit(1), b"anew")
    assert shelf.get(unit(1)) == b"anew"


def test_suspects_leave_memory_after_all_others_and_the_idle_before_the_busy(directory: StateDirectory) -> None:
    shelf = directory.open(0)
    shelf.put(unit(0), b"suspect", suspect=True)
    for number in range(1, 1000):
        shelf.put(unit(number), b"packed")
        shelf.put(unit(1), b"busy")
        shelf.settle()
        assert shelf.tenants - shelf.far <= LIMIT
    near = [one for one, _ in shelf][:LIMIT]
    assert near == [unit(997), unit(998), unit(999), unit(1), unit(0)]
    for number in range(9):
        shelf.put(unit(number), b"suspect", suspect=True)
    shelf.settle()
    assert shelf.tenants - shelf.far == LIMIT
    assert shelf.tenants == 1000


def test_the_partitions_of_a_worker_share_its_limit(directory: StateDirectory) -> None:
    first = directory.open(0)
    assert first.limit == LIMIT
    second = directory.open(1)
    assert (first.limit, second.limit) == (LIMIT // 2, LIMIT // 2)
    directory.close(1)
    assert first.limit == LIMIT


def test_what_an_earlier_worker_left_is_not_believed_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    crashed = StateDirectory(tmp_path, 1)
    shelf = crashed.open(0)
    for number in range(9):
        shelf.put(unit(number), b"packed")
    shelf.settle()
    crashed._lock.close()  # as a crash does
    (tmp_path / "notes").write_text("of the user")
    (tmp_path / "tenants-1.sqlite").write_bytes(b"not a database")
    again = StateDirectory(tmp_path, 1)
    assert (again.open(0).get(unit(0)), again.open(1).tenants) == (None, 0)
    assert (tmp_path / "notes").exists()
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    again.end()
    assert not list(tmp_path.glob("*.sqlite*"))


def test_two_workers_do_not_share_a_directory(directory: StateDirectory) -> None:
    with pytest.raises(RefusedToStart, match=r"another worker has .*: give each its own worker.state_directory"):
        StateDirectory(directory.path, LIMIT)


def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RefusedToStart, match="cannot be used"):
        StateDirectory(tmp_path / "file" / "state", LIMIT)


def test_where_no_temporary_directory_can_be_made_a_worker_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(RefusedToStart, match=r"^no temporary directory can be made \(No such .*: make room in /tmp, or .* TMPDIR$"):
        StateDirectory(None, LIMIT)


def test_what_a_temporary_directory_keeps_is_gone_when_its_worker_is_killed() -> None:
    temporary = StateDirectory(None, LIMIT)
    shelf = temporary.open(0)
    for number in range(300):
        shelf.put(unit(number), b"packed")
    shelf.settle()
    assert [path.name for path in temporary.path.iterdir()] == ["lock"]
    assert shelf.get(unit(0)) == b"packed"
    temporary.end()
    assert not temporary.path.exists()


def test_a_full_disk_is_told_by_name_and_what_was_in_memory_is_still_there(directory: StateDirectory) -> None:
    shelf, chance = directory.open(0), Random(1)
    for number in range(300):
        shelf.put(unit(number), chance.randbytes(2000))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(RetryLater, match=r"state: .*; make room there .* nothing is lost"):
            shelf.settle()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert shelf.tenants == 300


def test_a_store_that_fails_on_reading_is_told_by_name(directory: StateDirectory, tmp_path: Path) -> None:
    shelf = directory.open(0)
    for number in range(3000):
        shelf.put(unit(number), bytes(2000))
    shelf.settle()
    path = tmp_path / "state" / "tenants-0.sqlite"
    with path.open("r+b") as file:
        file.truncate(20_000)
    with pytest.raises(RetryLater, match="cannot be kept in"):
        shelf.fetch(unit(number) for number in range(2000))


def test_a_shelf_asks_its_store_once_a_batch_and_not_again_for_who_is_not_there() -> None:
    store = Asked()
    shelf = StoredShelf(store, 1)
    for number in range(3):
        shelf.put(unit(number), b"packed")
    shelf.settle()
    shelf.fetch([unit(0), unit(1), unit(7), unit(8)])
    assert (shelf.get(unit(0)), shelf.get(unit(7)), shelf.get(unit(8))) == (b"packed", None, None)
    shelf.put(unit(8), b"new")
    assert store.asked == [[unit(0), unit(1), unit(7), unit(8)]]


class Asked:
    """A store that remembers what it was asked."""

    def __init__(self) -> None:
        self.held: dict[Unit, bytes] = {}
        self.asked: list[list[Unit]] = []

    def put(self, items: object) -> None:
        self.held |= dict(items)  # type: ignore[call-overload]

    def get(self, units: object) -> list[tuple[Unit, bytes]]:
        self.asked.append(list(units))  # type: ignore[call-overload]
        return [(one, self.held[one]) for one in self.asked[-1] if one in self.held]

    def drop(self, units: object) -> None:
        for one in units:  # type: ignore[attr-defined]
            self.held.pop(one, None)

    def after(self, number: int, most: int) -> list[tuple[int, Unit, bytes]]:
        return [(at, *item) for at, item in enumerate(self.held.items(), 1) if at > number][:most]

    def clear(self) -> None:
        self.held.clear()

    def close(self) -> None:
        self.held.clear()

    def __iter__(self) -> Iterator[tuple[Unit, bytes]]:
        return iter(list(self.held.items()))
