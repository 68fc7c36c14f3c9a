"""`distillwatch migrate`: the tables in ClickHouse."""

import typer

from streams.clickhouse.migrations import migrate as apply_migrations


def register(app: typer.Typer) -> None:
    """Add the command; `ctx.obj` holds the settings."""
    app.command("migrate")(migrate)


def migrate(ctx: typer.Context) -> None:
    """Create or update the tables in ClickHouse; run it again at any time.

    Applies the numbered SQL files that are not applied yet. Refuses when an applied file has changed or the database
    was written by a newer release. A worker checks at its start that nothing is missing.
    """
    settings = ctx.obj.clickhouse
    applied = apply_migrations(settings)
    for name in applied:
        typer.echo(f"applied {name}")
    typer.echo(
        f"The ClickHouse database {settings.database} is up to date" + ("." if applied else "; nothing to apply.")
    )
