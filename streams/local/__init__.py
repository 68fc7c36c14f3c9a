"""The embedded Kafka and ClickHouse: real engines in processes of our own, on loopback, with no Docker.

`Stack` starts and stops both. What runs is written down as a process id with its birth, so that a command run later,
from another terminal, finds the same processes again and never touches a stranger's.
"""

from streams.local.clickhouse import LocalClickHouse
from streams.local.kafka import LocalKafka
from streams.local.process import Status
from streams.local.stack import Stack, ensure_secret

__all__ = ["LocalClickHouse", "LocalKafka", "Stack", "Status", "ensure_secret"]
