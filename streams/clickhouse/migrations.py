"""Migrations: numbered SQL files, applied in order, each once; a table beside them says which were.

A file holds one statement that may run twice, so that a crash between it and its record does no harm. What was applied
never changes: the hash of each file is recorded and compared.
"""

from collections.abc import Sequence
from hashlib import blake2b
from importlib.resources import files

from clickhouse_connect.driver.client import Client
from msgspec import Struct

from schemas.errors import RefusedToStart
from streams.clickhouse.client import connect, failures
from streams.clickhouse.rows import COLUMNS
from streams.settings import ClickHouseSettings

_CREATE_DATABASE = "CREATE DATABASE IF NOT EXISTS {database:Identifier}"
_CREATE_RECORD = """
CREATE TABLE IF NOT EXISTS migrations
(number UInt32, name String, content_hash String, applied_at DateTime('UTC') DEFAULT now())
ENGINE = ReplacingMergeTree ORDER BY (number, name, content_hash)
"""
_RECORD = "SELECT DISTINCT number, name, content_hash FROM migrations ORDER BY number"
_HAS_RECORD = "SELECT count() FROM system.tables WHERE database = {database:String} AND name = 'migrations'"
_COLUMNS = "SELECT table, name FROM system.columns WHERE database = {database:String}"


class Migration(Struct, frozen=True, kw_only=True):
    """One file: `0001_create_tenant_window_versions.sql` has the number 1."""

    number: int
    name: str
    sql: str

    @property
    def content_hash(self) -> str:
        """Of the whole file, comments too."""
        return blake2b(self.sql.encode(), digest_size=16).hexdigest()


def shipped() -> tuple[Migration, ...]:
    """The migrations that come with this code, in order."""
    folder = files("schemas.clickhouse").joinpath("migrations")
    read = [
        Migration(number=int(file.name[:4]), name=file.name.removesuffix(".sql"), sql=file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    ]
    return tuple(sorted(read, key=lambda migration: migration.number))


def migrate(settings: ClickHouseSettings, migrations: Sequence[Migration] | None = None) -> list[str]:
    """Create the database when it is missing and apply what is not applied; the names of what this call applied.

    Raises `RefusedToStart` when an applied file has changed or the database is ahead of this code, `RetryLater` when
    ClickHouse is away. Two at the same time do no harm.
    """
    migrations = shipped() if migrations is None else migrations
    with connect(settings, database=False) as client, failures(settings):
        client.command(_CREATE_DATABASE, parameters={"database": settings.database})
    with connect(settings) as client, failures(settings):
        client.command(_CREATE_RECORD)
        missing = _missing(client, settings, migrations)
        for migration in missing:
            client.command(migration.sql)
            _record(client, migration)
    return [migration.name for migration in missing]


def verify(settings: ClickHouseSettings, migrations: Sequence[Migration] | None = None) -> None:
    """Check that every migration was applied and every column that the sink writes is there.

    Raises `RefusedToStart` that names `distillwatch migrate` when something is missing, or as `migrate` does;
    `RetryLater` when ClickHouse is away.
    """
    migrations = shipped() if migrations is None else migrations
    with connect(settings) as client, failures(settings):
        here = {"database": settings.database}
        if client.query(_HAS_RECORD, parameters=here).result_rows[0][0] == 0:
            raise _incomplete(settings, "it has no tables of ours")
        missing = _missing(client, settings, migrations)
        if missing:
            raise _incomplete(settings, f"{missing[0].name} is not applied")
        there = {(row[0], row[1]) for row in client.query(_COLUMNS, parameters=here).result_rows}
    for table, columns in COLUMNS.items():
        absent = [column for column in columns if (table, column) not in there]
        if absent:
            raise _incomplete(settings, f"the table {table} has no column {absent[0]}")


def _missing(client: Client, settings: ClickHouseSettings, migrations: Sequence[Migration]) -> list[Migration]:
    """The migrations that are not applied; raises `RefusedToStart` when those that are do not agree with ours."""
    ours = {migration.number: migration for migration in migrations}
    applied = {}
    for number, name, content_hash in client.query(_RECORD).result_rows:
        if number not in ours:
            raise RefusedToStart(
                f"{_database(settings)} is ahead of this code: it has {name}; install the newer release"
            )
        if (name, content_hash) != (ours[number].name, ours[number].content_hash):
            raise RefusedToStart(
                f"{ours[number].name}.sql has changed since it was applied to {_database(settings)}: "
                "restore it and write the change as a new migration"
            )
        applied[number] = name
    return [migration for migration in migrations if migration.number not in applied]


def _record(client: Client, migration: Migration) -> None:
    row = (migration.number, migration.name, migration.content_hash)
    client.insert("migrations", [row], column_names=["number", "name", "content_hash"], settings={"async_insert": 0})


def _incomplete(settings: ClickHouseSettings, what: str) -> RefusedToStart:
    return RefusedToStart(f"{_database(settings)} is not up to date, {what}: run `distillwatch migrate`")


def _database(settings: ClickHouseSettings) -> str:
    return f"the ClickHouse database {settings.database}"
