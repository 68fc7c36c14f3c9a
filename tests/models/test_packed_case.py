import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.case import Case
from models.features import FEATURES
from models.packed_case import PackedCase, pack_case, six_digits, unpack_case
from schemas.finding import Reason

NUMBERS = st.floats(-1e6, 1e6).map(six_digits)


def case(*reasons: Reason) -> Case:
    opened = Case.open("org_1", "key_7", 0, 5, 9)
    opened.model, opened.requests, opened.risk, opened.reasons = "m", 12, 0.123456789, reasons
    return opened


def reason(number: float, expected: float | None, at: int = 0) -> Reason:
    feature = FEATURES[at]
    return Reason(
        detector="volume",
        feature=feature.name,
        unit=feature.unit,
        observed=number,
        own_expected=expected,
        peers_low=-number,
        peers_high=number,
        p_value=1e-05,
        contribution=0.25,
        log_odds=number,
        meaning=feature.meaning,
    )


def written(packed: PackedCase) -> PackedCase:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(packed), type=PackedCase)


@given(NUMBERS, st.none() | NUMBERS, st.integers(0, len(FEATURES) - 1))
def test_a_case_comes_back_as_it_was(number: float, expected: float | None, at: int) -> None:
    held = case(reason(number, expected, at), reason(0.5, None))
    assert unpack_case(written(pack_case(held)), "org_1", "key_7") == held


def test_a_reason_takes_fifty_bytes_and_not_two_hundred() -> None:
    bare, full = (len(msgspec.msgpack.encode(pack_case(case(*reasons)))) for reasons in ((), (reason(0.5, 0.25),)))
    assert full - bare < 60
    assert len(msgspec.msgpack.encode(case(reason(0.5, 0.25)))) > full + 150


@pytest.mark.parametrize("damaged", [("volume", len(FEATURES), bytes(28)), ("volume", 0, bytes(27))])
def test_a_damaged_reason_is_refused(damaged: tuple[str, int, bytes]) -> None:
    packed = pack_case(case())
    with pytest.raises(ValueError, match="a reason of it cannot be read"):
        unpack_case(PackedCase(packed.case, packed.uid, (damaged,)), "org_1", "")
