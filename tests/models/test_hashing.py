from models.bounded import count, remember
from models.hashing import CACHED, Hasher


def test_a_hash_depends_on_the_key_and_on_nothing_remembered() -> None:
    hasher = Hasher(b"key")
    first = hasher("address")
    for number in range(2 * CACHED):
        hasher(f"other {number}")
    assert hasher("address") == first == Hasher(b"key")("address") != Hasher(b"other")("address")
    assert 0 <= first < 2**64


def test_a_key_is_named_without_being_told() -> None:
    assert len(Hasher(b"key").key_id) == 8
    assert Hasher(b"key").key_id == Hasher(b"key").key_id != Hasher(b"k" * 500).key_id


def test_any_text_can_be_hashed() -> None:
    assert Hasher(b"key")("\ud800 and the rest") != Hasher(b"key")("")


def test_a_heavy_value_survives_a_stream_of_values_seen_once() -> None:
    counts: dict[int, int] = {}
    mass = 0
    for number in range(1000):
        mass = count(counts, mass, 7 if number % 3 == 0 else number + 10, 8, 240)
    assert len(counts) <= 8
    assert mass <= 240
    assert 0.25 < counts[7] / mass < 0.4


def test_what_is_used_stays_known() -> None:
    known: dict[int, int] = {}
    for number in range(100):
        remember(known, (7, number + 10), 4)
    assert list(known) == [107, 108, 7, 109]
