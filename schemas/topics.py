"""The topics, by role, and how each wants to be kept."""

from msgspec import Struct

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


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
        # A late write of a worker that has lost its partition must not hide the newer one: restore takes the highest
        # position, and both stay readable for an hour.
        settings={
            "cleanup.policy": "compact",
            "min.compaction.lag.ms": str(HOUR_MS),
            "segment.ms": str(HOUR_MS),
            "segment.bytes": "67108864",
            "min.cleanable.dirty.ratio": "0.2",
            "max.message.bytes": "2097152",
        },
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
