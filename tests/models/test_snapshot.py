import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from models import snapshot
from models.config import Config
from models.mind import Mind
from models.snapshot import FORM, MOST_BYTES, unpack_tenant
from models.tenant import Tenant
from schemas.errors import ForeignState
from tests.models.behaviour import chats

MIND = Mind.of(Config(), b"a secret for tests")


def tenant(requests: int) -> Tenant:
    made = Tenant(MIND, "org_1")
    for number, event in enumerate(chats(requests)):
        made.apply(number, number, event, [], [])
    return made


def test_a_tenant_at_rest_is_smaller_than_its_message_and_comes_back_whole() -> None:
    packed = tenant(300).pack("topic")
    state = unpack_tenant(packed)
    assert len(packed) < 0.8 * len(msgspec.msgpack.encode(state))
    assert Tenant(MIND, "org_1", "", state).pack("topic") == packed


def test_a_state_of_an_older_form_is_refused_by_its_number() -> None:
    with pytest.raises(ForeignState, match="has form 2, this version reads and writes form 4"):
        unpack_tenant(msgspec.msgpack.encode([2, "topic", "org_1"]))


def test_a_state_that_claims_a_length_beyond_reason_is_not_given_the_memory() -> None:
    with pytest.raises(ForeignState, match="length"):
        unpack_tenant(bytes((FORM,)) + (MOST_BYTES + 1).to_bytes(4, "little") + b"rest")


def test_a_large_state_comes_back_whole_and_a_damaged_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    small = tenant(300).pack("topic")
    monkeypatch.setattr(snapshot, "LARGE_BYTES", 0)
    packed = tenant(300).pack("topic")
    assert packed[1:5] == zstandard.FRAME_HEADER
    assert len(packed) < len(small)
    assert unpack_tenant(packed) == unpack_tenant(small)
    with pytest.raises(ForeignState, match="damaged"):
        unpack_tenant(packed[:-9])


def test_a_large_state_that_claims_a_length_beyond_reason_is_not_given_the_memory() -> None:
    claims = zstandard.ZstdCompressor(write_content_size=True).compress(bytes(MOST_BYTES + 1))
    with pytest.raises(ForeignState, match="length"):
        unpack_tenant(bytes((FORM,)) + claims)


@given(st.binary(max_size=200))
def test_whatever_is_no_state_is_refused(data: bytes) -> None:
    with pytest.raises(ForeignState):
        unpack_tenant(data)
    with pytest.raises(ForeignState):
        unpack_tenant(bytes((FORM,)) + data)
