"""A control record: what was learned across tenants, numbered and absolute, for every judge to adopt at an offset of its own."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from schemas.errors import BadRecord

Weight = Annotated[float, Meta(ge=-100, le=100)]
Count = Annotated[int, Meta(ge=0)]


class Learned(Struct, frozen=True, kw_only=True):
    """What verdicts taught: how far a point of log-odds of each family of features moves a tenant's level.

    `weights` is by family, by pair of families (`rhythm*size`) and `always`; what is not named moves nothing. They rest on the newest
    verdicts about `findings` findings, of which `false_positives` were false alarms; `causes` counts those, the twenty most frequent ones.
    """

    weights: dict[str, Weight] = {}
    findings: Count = 0
    false_positives: Count = 0
    causes: dict[str, Count] = {}


class Control(Struct, frozen=True, kw_only=True):
    """Everything that judges adopt from others, complete in itself: nothing of an earlier record counts beside it.

    `number` counts from 1; of two records with one number the first on the topic is the one. `made_ms` is event time: when the newest
    verdict in it was given. `origin` says who made it: the learner, or somebody who went back to the content of record
    `content_of` (0: the tables as shipped). `read_to` is the serial of the newest verdict that was there, `void` are the spans of
    serials (first, last) that do not count, because somebody went back to before them. Parts that a reader does not know
    are ignored.
    """

    schema_version: Literal[1] = 1
    number: Annotated[int, Meta(ge=1, lt=2**48)]
    made_ms: Annotated[int, Meta(ge=0, lt=2**53)]
    origin: Literal["learned", "rollback"] = "learned"
    content_of: Count | None = None
    read_to: Count = 0
    void: tuple[tuple[int, int], ...] = ()
    learned: Learned = Learned()


_encode = msgspec.json.Encoder(order="deterministic").encode
_decoder = msgspec.json.Decoder(Control)


def encode_control(control: Control) -> bytes:
    """A control record as one JSON object; equal records give equal bytes."""
    return _encode(control)


def decode_control(record: bytes | None) -> Control:
    """Read a record of the control topic; raises `BadRecord`."""
    try:
        return _decoder.decode(record or b"")
    except msgspec.ValidationError as error:
        raise BadRecord("not_a_control_record", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRecord("not_a_control_record", "malformed JSON") from None
