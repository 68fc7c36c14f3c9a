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
