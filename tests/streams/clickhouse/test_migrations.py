"""Tables are made once, checked at every start, and never guessed around."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import msgspec
import pytest

from schemas.errors import RefusedToStart
from streams.clickhouse import RowStore, connect, migrate, verify
from streams.clickhouse.migrations import Migration, shipped
from streams.settings import ClickHouseSettings
from tests.streams.clickhouse.engine import number, select, window

NEW = Migration(
    number=9001, name="9001_add_note", sql="-- Purpose: a test\nCREATE TABLE IF NOT EXISTS note (a Int8) ENGINE Log"
)


def test_the_files_are_numbered_from_one_without_a_gap_and_say_their_purpose() -> None:
    migrations = shipped()
    assert migrations[0].number == 1
    assert all(after.number > before.number for before, after in pairwise(migrations))
    assert all(migration.sql.startswith("-- Purpose: ") for migration in migrations)
    assert all("IF NOT EXISTS" in migration.sql or "OR REPLACE" in migration.sql for migration in migrations)


def test_migrating_twice_applies_everything_once(empty: ClickHouseSettings) -> None:
    assert migrate(empty) == [migration.name for migration in shipped()]
    assert migrate(empty) == []
    assert number(empty, "SELECT count() FROM migrations") == len(shipped())
    verify(empty)


def test_a_later_migration_is_applied_alone(settings: ClickHouseSettings) -> None:
    assert migrate(settings, [*shipped(), NEW]) == ["9001_add_note"]


def test_a_crash_between_a_migration_and_its_record_does_no_harm(settings: ClickHouseSettings) -> None:
    RowStore(settings).insert([window(1)])
    with connect(settings) as client:
        client.command("TRUNCATE TABLE migrations")
    assert len(migrate(settings)) == len(shipped())
    assert number(settings, "SELECT count() FROM tenant_windows") == 1


def test_migrations_at_the_same_time_do_no_harm(empty: ClickHouseSettings) -> None:
    with ThreadPoolExecutor(3) as threads:
        for done in [threads.submit(migrate, empty) for _ in range(3)]:
            done.result()
    verify(empty)
    assert migrate(empty) == []


def test_a_file_that_changed_after_it_was_applied_is_refused(settings: ClickHouseSettings) -> None:
    first, *others = shipped()
    changed = [msgspec.structs.replace(first, sql=first.sql + "\n-- more\n"), *others]
    for check in (migrate, verify):
        with pytest.raises(RefusedToStart, match=r"0001_create_tenant_window_versions\.sql has changed"):
            check(settings, changed)


def test_a_database_ahead_of_the_code_is_refused(settings: ClickHouseSettings) -> None:
    migrate(settings, [*shipped(), NEW])
    for check in (migrate, verify):
        with pytest.raises(RefusedToStart, match="ahead of this code: it has 9001_add_note"):
            check(settings)


def test_a_start_without_tables_names_the_command(empty: ClickHouseSettings) -> None:
    with pytest.raises(RefusedToStart, match="distillwatch migrate"):
        verify(empty)
    with connect(empty, database=False) as client:
        client.command("CREATE DATABASE {name:Identifier}", parameters={"name": empty.database})
    with pytest.raises(RefusedToStart, match="no tables of ours: run `distillwatch migrate`"):
        verify(empty)


def test_a_start_with_a_migration_missing_names_the_command(settings: ClickHouseSettings) -> None:
    with pytest.raises(RefusedToStart, match="9001_add_note is not applied: run `distillwatch migrate`"):
        verify(settings, [*shipped(), NEW])


def test_a_start_with_a_lost_column_is_refused(settings: ClickHouseSettings) -> None:
    with connect(settings) as client:
        client.command("ALTER TABLE tenant_window_versions DROP COLUMN folds")
    with pytest.raises(RefusedToStart, match="tenant_window_versions has no column folds"):
        verify(settings)


def test_the_retention_that_is_set_is_the_retention_that_is_written(settings: ClickHouseSettings) -> None:
    RowStore(settings.model_copy(update={"retention_days": 7})).insert([window(1)])
    seen = select(settings, "SELECT retention_days FROM tenant_window_versions")
    assert seen == [{"retention_days": 7}]
