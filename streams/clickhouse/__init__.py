"""ClickHouse: where rows are kept and questions are asked.

`client` connects and says what each failure means; `migrations` creates the tables of `schemas/clickhouse`; `rows`
writes; `investigations` asks. No SQL is put together from values: statements come from files, values travel as query
parameters.
"""

from streams.clickhouse.client import connect
from streams.clickhouse.investigations import Investigation, investigations
from streams.clickhouse.migrations import migrate, verify
from streams.clickhouse.rows import RowStore

__all__ = ["Investigation", "RowStore", "connect", "investigations", "migrate", "verify"]
