"""Feedback: what an analyst found a finding to be, as it is sent on the feedback topic."""

from collections.abc import Callable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from schemas.errors import BadRecord

#: A finding's uid: a UUID in lower case, as `finding_info.uid` of the alert has it.
UID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
#: A cause: a short word of the team's own, such as nightly-batch; it is counted, never interpreted.
CAUSE = r"^[a-z0-9][a-z0-9-]{0,39}$"

Opinion = Literal["true_positive", "false_positive"]


class Feedback(Struct, frozen=True, kw_only=True, gc=False):
    """One verdict about one finding; a later one about the same finding replaces it.

    `time_ms` is when it was given (epoch milliseconds). Unknown fields are ignored, so that a ticket system may send its own beside these.
    """

    finding_uid: Annotated[str, Meta(pattern=UID)]
    verdict: Opinion
    cause: Annotated[str, Meta(pattern=CAUSE)]
    time_ms: Annotated[int, Meta(ge=0, lt=2**53)]


_encode = msgspec.json.Encoder().encode
_decode: Callable[[bytes], Feedback] = msgspec.json.Decoder(Feedback).decode


def encode_feedback(feedback: Feedback) -> bytes:
    """A verdict as one JSON object."""
    return _encode(feedback)


def decode_feedback(record: bytes | None) -> Feedback:
    """Read a record of the feedback topic; raises `BadRecord`, whose text names the field, never its content.

    >>> decode_feedback(b'{"finding_uid":"7"}')
    Traceback (most recent call last):
    schemas.errors.BadRecord: Expected `str` matching regex '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' - at `$.finding_uid`
    """
    try:
        return _decode(record or b"")
    except msgspec.ValidationError as error:
        raise BadRecord("not_feedback", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRecord("not_feedback", "malformed JSON") from None
