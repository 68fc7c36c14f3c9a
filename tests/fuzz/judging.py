"""What holds of every sequence of records, whatever their bytes."""

from collections import Counter

from models.mind import Mind
from models.partition import Partition
from models.snapshot import unpack_partition
from schemas import ocsf
from schemas.codec import read_event
from schemas.rows import decode_row, encode_row
from schemas.signal import decode_message, encode_message

ALERT_BYTES = 10_000


def check(records: list[bytes], ground: Mind) -> Partition:
    """Judge them as one partition; fails when one is lost, or anything that came of them cannot be written and read back."""
    judge = Partition(ground, 0, 1, most_awake=1)
    for offset, record in enumerate(records):
        judge.apply(offset, read_event(record))
        if offset == len(records) // 2:
            judge.checkpoint()  # what changed goes to sleep, and wakes again
    assert judge.totals.events_in == judge.position + 1 == len(records)
    assert Counter(letter.reason for letter in judge.dead) == judge.totals.dead_letters
    for _, finding in judge.findings:
        assert len(ocsf.alert(finding)) < ALERT_BYTES
    for message in judge.messages:
        assert decode_message(encode_message(message)) == message
    checkpoint = judge.checkpoint()
    for row in checkpoint.rows:
        assert decode_row(encode_row(row)) == row
    again = Partition(ground, 0, 1)
    again.restore(unpack_partition(checkpoint.mark), [])
    assert again.checkpoint().mark == checkpoint.mark
    return judge
