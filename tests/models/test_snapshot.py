import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import sealed
from models.compression import MOST_BYTES, quick, restored, smaller
from models.config import Config
from models.mind import Mind
from models.previous_form import PREVIOUS_FORM
from models.snapshot import FORM, unpack_tenant
from models.tenant import Tenant
from schemas.errors import ForeignState
from tests.models.behaviour import chats, request

MIND = Mind.of(Config(), b"a secret for tests")


def tenant(requests: int) -> Tenant:
    made = Tenant(MIND, "org_1")
    for number, event in enumerate(chats(requests)):
        made.apply(number, number, event, [], [])
    return made


PACKED = tenant(100).pack("topic")


def test_a_tenant_at_rest_is_smaller_than_its_message_and_comes_back_whole() -> None:
    packed = tenant(300).pack("topic")
    state = unpack_tenant(packed)
    assert len(packed) < 0.9 * len(msgspec.msgpack.encode(state))
    assert Tenant(MIND, "org_1", "", state).pack("topic") == packed


def test_a_state_of_an_older_form_is_refused_by_its_number() -> None:
    with pytest.raises(ForeignState, match="has form 2, this version reads and writes forms 6 and 7"):
        unpack_tenant(msgspec.msgpack.encode([2, "topic", "org_1"]))


def test_a_large_state_comes_back_whole_and_is_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    quickly = tenant(300).pack("topic")
    monkeypatch.setattr(sealed, "LARGE_BYTES", 0)
    packed = tenant(300).pack("topic")
    assert len(packed) < len(quickly)
    assert unpack_tenant(packed) == unpack_tenant(quickly)


@given(st.data())
def test_a_state_with_any_byte_changed_or_cut_off_is_refused(data: st.DataObject) -> None:
    packed = PACKED
    at = data.draw(st.integers(0, len(packed) - 1))
    other = data.draw(st.integers(1, 255)) ^ packed[at]
    with pytest.raises(ForeignState):
        unpack_tenant(packed[:at] + bytes((other,)) + packed[at + 1 :])
    with pytest.raises(ForeignState, match="damaged" if at else "form unknown"):
        unpack_tenant(packed[:at])


def test_what_is_compressed_comes_back_by_either_way() -> None:
    data = bytes(range(256)) * 9
    assert restored(quick(data)) == restored(smaller(data)) == data


def test_what_claims_a_length_beyond_reason_is_not_given_the_memory() -> None:
    for claims in ((MOST_BYTES + 1).to_bytes(4, "little") + b"rest", smaller(bytes(MOST_BYTES + 1))):
        with pytest.raises(ForeignState, match="length"):
            restored(claims)


def test_a_request_that_ends_no_fold_leaves_what_was_learned_as_it_lies() -> None:
    awake = tenant(32)
    before = unpack_tenant(awake.pack("topic")).assessor
    awake.apply(40, 40, request(40, awake.clock_ms + 1, "one more"), [], [])
    after = unpack_tenant(awake.pack("topic")).assessor
    assert after.learned == before.learned
    assert after.looks != before.looks


@given(st.binary(max_size=200))
def test_whatever_is_no_state_is_refused(data: bytes) -> None:
    with pytest.raises(ForeignState):
        unpack_tenant(data)
    with pytest.raises(ForeignState):
        unpack_tenant(bytes((FORM,)) + data)
    with pytest.raises(ForeignState):
        unpack_tenant(bytes((PREVIOUS_FORM,)) + data)
