"""A case at rest: what the tables know is left out, and the numbers of its reasons have the six digits that are told."""

import struct
from math import isnan
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from schemas.finding import Reason

from .case import Case
from .features import FEATURES, INDEX

_LAYOUT = struct.Struct("<7f")
_NONE = float("nan")
#: Single precision has fewer digits of what is much smaller.
LEAST = 1e-30


class PackedCase(Struct, frozen=True, array_like=True):
    """A case without its name, its reasons aside.

    Of each the detector, the feature's place in the table, which tells unit and meaning, and its numbers in single precision.
    """

    case: Case
    uid: bytes
    reasons: tuple[tuple[str, int, bytes], ...]


def six_digits(value: float) -> float:
    """A number as a reason tells it, below 1e30; single precision holds it so that it comes back as it is.

    >>> six_digits(1 / 3), six_digits(1234567.8), six_digits(1e-31)
    (0.333333, 1234570.0, 0.0)
    """
    return float(f"{value:.6g}") if not abs(value) < LEAST else 0.0


def pack_case(case: Case) -> PackedCase:
    """The case at rest; its tenant is written beside it."""
    bare = replace(case, uid="", tenant="", subject="", reasons=())
    return PackedCase(bare, UUID(case.uid).bytes, tuple(map(_pack, case.reasons)))


def unpack_case(packed: PackedCase, tenant: str, subject: str) -> Case:
    """The case that was packed; raises `ValueError` for what is none."""
    reasons = tuple(_unpack(*each) for each in packed.reasons)
    return replace(packed.case, uid=str(UUID(bytes=packed.uid)), tenant=tenant, subject=subject, reasons=reasons)


def _pack(reason: Reason) -> tuple[str, int, bytes]:
    numbers = _LAYOUT.pack(
        reason.observed,
        _NONE if reason.own_expected is None else reason.own_expected,
        reason.peers_low,
        reason.peers_high,
        reason.p_value,
        reason.contribution,
        reason.log_odds,
    )
    return reason.detector, INDEX[reason.feature], numbers


def _unpack(detector: str, at: int, packed: bytes) -> Reason:
    try:
        feature, numbers = FEATURES[at], map(six_digits, _LAYOUT.unpack(packed))
    except (IndexError, struct.error) as error:
        raise ValueError(f"a reason of it cannot be read: {error}") from None
    observed, expected, low, high, p_value, contribution, log_odds = numbers
    return Reason(
        detector=detector,
        feature=feature.name,
        unit=feature.unit,
        observed=observed,
        own_expected=None if isnan(expected) else expected,
        peers_low=low,
        peers_high=high,
        p_value=p_value,
        contribution=contribution,
        log_odds=log_odds,
        meaning=feature.meaning,
    )
