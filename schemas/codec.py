"""Bytes to events: the one place where a record from outside is read."""

import msgspec

from schemas.errors import BadRecord
from schemas.event import Event

MAX_RECORD_BYTES = 1_048_576

_decode = msgspec.json.Decoder(Event).decode


def read_event(record: bytes | None) -> Event | BadRecord:
    """What a record is: an event, or the reason why it is none, for callers that go on either way."""
    try:
        return decode_event(record)
    except BadRecord as error:
        return error


def decode_event(record: bytes | None) -> Event:
    """Read one record of the requests topic.

    Costs about 1.5 us for a record of 800 bytes. Raises `BadRecord` for anything that is not an event; its text names the
    field, never its content.

    >>> decode_event(b'{"schema_version":1,"event_id":"e","ts":1,"tenant_id":"t","model":"m","else":[]}').tenant_id
    't'
    >>> decode_event(b'{"schema_version":2,"event_id":"e","ts":1,"tenant_id":"t","model":"m"}')
    Traceback (most recent call last):
    schemas.errors.BadRecord: Expected `int` <= 1 - at `$.schema_version`
    """
    if not record:
        raise BadRecord("empty", "the record has no value")
    if len(record) > MAX_RECORD_BYTES:
        raise BadRecord("too_large", f"the record has {len(record)} bytes, at most {MAX_RECORD_BYTES} are read")
    try:
        return _decode(record)
    except msgspec.ValidationError as error:
        raise BadRecord("not_an_event", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        detail = "invalid UTF-8" if isinstance(error, UnicodeDecodeError) else "malformed JSON"
        raise BadRecord("not_json", detail) from None
    except RecursionError:
        raise BadRecord("not_json", "nested too deeply") from None
