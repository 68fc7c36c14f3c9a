from hashlib import sha256

import pytest

from models.partition import DeadLetter
from schemas.errors import Stopped
from streams.deadletter import DeadLetterLimit, cut, dead_letter_headers
from streams.settings import WorkerSettings
from tests.streams.fakes import Record

SETTINGS = WorkerSettings(dead_letter_window=100, dead_letter_ratio=0.5, dead_letter_keys=10)


def records(count: int, begin: int = 0, *, keys: int = 1000) -> list[Record]:
    return [Record(offset, b"?", f"org_{offset % keys}".encode()) for offset in range(begin, begin + count)]


def refused(batch: list[Record]) -> list[DeadLetter]:
    return [DeadLetter(record.offset, "not_json", "malformed JSON") for record in batch]


def test_a_bad_deploy_of_the_producer_stops_the_worker_and_names_the_way_past_it() -> None:
    limit, batch = DeadLetterLimit(SETTINGS), records(200)
    with pytest.raises(Stopped, match=r"offset 199.*distillwatch worker --past 0:199"):
        limit.check(batch, refused(batch))


def test_the_rubbish_of_one_customer_never_stops_the_worker() -> None:
    limit = DeadLetterLimit(SETTINGS)
    for begin in range(0, 5000, 100):
        batch = records(100, begin, keys=1)
        limit.check(batch, refused(batch))


def test_rubbish_without_a_key_counts_as_one_sender() -> None:
    limit = DeadLetterLimit(SETTINGS)
    batch = [Record(offset, b"?", None) for offset in range(500)]
    limit.check(batch, refused(batch))


def test_a_small_share_of_rubbish_from_everybody_never_stops_the_worker() -> None:
    limit = DeadLetterLimit(SETTINGS)
    for begin in range(0, 5000, 100):
        batch = records(100, begin)
        limit.check(batch, refused(batch[:40]))


def test_a_few_bad_records_at_the_start_say_nothing_yet() -> None:
    limit, batch = DeadLetterLimit(SETTINGS), records(99)
    limit.check(batch, refused(batch))


def test_the_limit_is_not_applied_up_to_the_offset_that_was_named() -> None:
    limit, batch = DeadLetterLimit(SETTINGS, past_offset=199), records(200)
    limit.check(batch, refused(batch))
    further = records(100, 200)
    with pytest.raises(Stopped, match="offset 299"):
        limit.check(further, refused(further))


def test_the_headers_say_where_it_came_from_and_why() -> None:
    record = Record(7, b"{", headers=(("trace", b"\xff"),), partition=3)
    headers = dead_letter_headers(record, DeadLetter(7, "not_json", "malformed JSON"))
    assert dict(headers) == {
        "dw_topic": b"api.requests",
        "dw_partition": b"3",
        "dw_offset": b"7",
        "dw_timestamp_ms": b"1800000000000",
        "dw_reason": b"not_json",
        "dw_detail": b"malformed JSON",
    }


def test_a_record_that_the_topic_takes_goes_there_as_it_came() -> None:
    record = Record(7, b"x" * 1000, headers=(("trace", b"\xff"),))
    assert cut(record, 1000) == (b"org_a", b"x" * 1000, [("trace", b"\xff")])
    assert cut(Record(7, None, None), 1000) == (None, None, [])


def test_of_a_record_that_is_too_large_the_beginning_is_kept_and_size_and_hash_of_the_whole() -> None:
    whole = bytes(range(256)) * 40_000
    key, value, headers = cut(Record(7, whole, b"k" * 100_000, headers=(("junk", bytes(5_000_000)),)), 2_000_000)
    assert value == whole[:2_000_000]
    assert key == b"k" * 16_384
    assert dict(headers) == {
        "dw_headers_bytes": b"5000014",
        "dw_key_bytes": b"100000",
        "dw_key_sha256": sha256(b"k" * 100_000).hexdigest().encode(),
        "dw_bytes": b"10240000",
        "dw_sha256": sha256(whole).hexdigest().encode(),
    }
