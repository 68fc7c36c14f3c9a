"""The topics, by role, and how each wants to be kept."""

from msgspec import Struct

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

# The checkpoint topic is read from its beginning by who takes a partition over, so what counts is how much of it is old. Take a million
# tenants of 2.3 kB on 8 partitions: 0.29 GB of newest states a partition. Ten thousand requests a second, each of another tenant, write
# 23 MB/s, 2.9 MB/s a partition; requests as they come, tens of a tenant between two passes, a hundredth of that.
CHECKPOINTS = {
    "cleanup.policy": "compact",
    # Old ones may be half of it: the cleaner copies 0.29 GB for every 0.29 GB written, as much as is written, and a start reads 0.58 GB a
    # partition at most, and what follows. With 0.2 it would copy four times as much as is written, to spare a start a third of its reading.
    "min.cleanable.dirty.ratio": "0.5",
    # A worker that has lost its partition may still write: its late state must not hide the newer one before somebody has read both, for
    # the newest record of a key stays, and a restart wants the highest position. Its producer gives up after 300 s. A start reads so much
    # more: 10 min at 2.9 MB/s are 1.7 GB a partition; an hour would be 10 GB.
    "min.compaction.lag.ms": str(10 * MINUTE_MS),
    # However little is written, an hour later only the newest state is left: a quiet partition does not keep a busy day for ever.
    "max.compaction.lag.ms": str(HOUR_MS),
    # The newest segment is never compacted: it must not be much. 64 MB are 23 s of the load above; a quieter one ends after 10 min.
    "segment.bytes": str(64 << 20),
    "segment.ms": str(10 * MINUTE_MS),
    # A tombstone of a tenant stays so long after it was compacted: longer than anybody reads the topic, from its beginning to its end.
    "delete.retention.ms": str(DAY_MS),
    # The largest batch of states has 0.5 MB, the largest mark, which names a thousand forgotten tenants of 256 characters, 1 MB.
    "max.message.bytes": str(2 << 20),
}


class Topic(Struct, frozen=True, kw_only=True):
    """A topic's settings; `keyed_like_requests` topics have as many partitions as the requests topic, `single` ones have one."""

    role: str
    purpose: str
    keyed_like_requests: bool
    settings: dict[str, str]
    single: bool = False


TOPICS = (
    Topic(
        role="requests",
        purpose="API requests, key = tenant",
        keyed_like_requests=True,
        settings={"retention.ms": str(7 * DAY_MS), "max.message.bytes": "2097152"},
    ),
    Topic(
        role="dead",
        purpose="records that are not events, with their original bytes",
        keyed_like_requests=False,
        settings={"retention.ms": str(30 * DAY_MS), "max.message.bytes": "2162688"},
    ),
    Topic(
        role="checkpoints",
        purpose="state of each tenant and of the open campaigns, newest wins",
        keyed_like_requests=True,
        settings=CHECKPOINTS,
    ),
    Topic(
        role="signals",
        purpose="what tenants tell the search for campaigns, with the watermarks of their partitions",
        keyed_like_requests=False,
        settings={"retention.ms": str(3 * DAY_MS)},
        single=True,
    ),
    Topic(
        role="rows",
        purpose="rows on their way to ClickHouse",
        keyed_like_requests=True,
        settings={"retention.ms": str(7 * DAY_MS)},
    ),
    Topic(
        role="rows_dead",
        purpose="rows, signals and feedback that could not be read",
        keyed_like_requests=False,
        settings={"retention.ms": str(30 * DAY_MS), "max.message.bytes": "2162688"},
    ),
    Topic(
        role="alerts",
        purpose="OCSF Detection Findings for the SOC",
        keyed_like_requests=False,
        settings={"retention.ms": str(30 * DAY_MS)},
    ),
    Topic(
        role="feedback",
        purpose="verdicts of analysts about findings",
        keyed_like_requests=False,
        settings={"retention.ms": "-1"},
        single=True,
    ),
    Topic(
        role="control",
        purpose="what was learned across tenants, numbered; never compacted: of two records with one number the first counts",
        keyed_like_requests=False,
        settings={"retention.ms": "-1"},
        single=True,
    ),
)
