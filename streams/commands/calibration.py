"""`distillwatch calibration`: what severities mean on a deployment's own traffic, nominal beside measured."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from models.own_rates import calibrated
from models.references import References
from schemas.control import Calibration, Rate, encode_control
from schemas.errors import BadSettings, RefusedToStart
from schemas.ocsf.words import moment
from streams.configuration import judgement_config
from streams.control_topic import publish_calibration
from streams.files import RecordFile
from streams.own_days import calibration_of, days_of_clickhouse, days_of_rows
from streams.settings import Settings

WIDE = 160

Until = Annotated[
    str | None,
    typer.Option(
        help="use the complete days before this day (UTC, 2026-11-21); without it those before the newest one"
    ),
]
Rows = Annotated[str | None, typer.Option(help="a file of rows (backtest --rows) instead of ClickHouse")]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(
        no_args_is_help=True,
        help="Show the error rates on this deployment's own traffic, and let judges go by them. (`calibrate` makes tables from labelled "
        "events; this needs no labels.)",
    )
    group.command()(show)
    group.command()(publish)
    app.add_typer(group, name="calibration")


def show(
    ctx: typer.Context,
    rows: Rows = None,
    until: Until = None,
    control: Annotated[
        Path | None, typer.Option(help="write a control record with it here, for backtest --control")
    ] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="print the calibration as one JSON object")] = False,
) -> None:
    """Compute a calibration and show it, nominal beside measured, by peer group; nothing is published.

    It rests on the complete days of the windows in ClickHouse, or in a file of rows, that were judged by the tables of this version.
    Settings under [calibration] say on how many, and the alert budget.

    Example: distillwatch backtest events.jsonl --rows rows.jsonl; distillwatch calibration show --rows rows.jsonl --control own.jsonl;
    distillwatch backtest events.jsonl --control own.jsonl
    """
    calibration = _computed(ctx.obj, rows, until)
    if control is not None:
        try:
            control.write_bytes(encode_control(calibrated(None, calibration)) + b"\n")
        except OSError as error:
            raise RefusedToStart(f"cannot write {control}: {error.strerror}") from None
    if json:
        typer.echo(msgspec.json.encode(calibration).decode())
        return
    console = Console()
    console = console if console.is_terminal else Console(width=WIDE)
    console.print(table(calibration))
    console.print(summary(calibration), highlight=False)


def publish(ctx: typer.Context, rows: Rows = None, until: Until = None) -> None:
    """Compute a calibration and publish it as the next control record, for every judge to adopt.

    The worker (role sink or all) does so by itself every calibration.every_hours, once there is enough traffic, and not after a
    `control rollback` until you did. `distillwatch control rollback` undoes it.

    Example: distillwatch calibration publish
    """
    calibration = _computed(ctx.obj, rows, until)
    control = publish_calibration(ctx.obj, calibration)
    typer.echo(f"control record {control.number} published, calibrated on {calibration.tenants} tenants")


def table(calibration: Calibration) -> Table:
    """A row a peer group and severity."""
    out = Table(box=None)
    for column in ("peer group", "tenants", "tenant-days", "left out", "shift", "scale", "severity"):
        out.add_column(column, justify="left" if column in {"peer group", "severity"} else "right")
    for column in ("nominal", "as shipped", "measured", "95% interval"):
        out.add_column(column, justify="right")
    whole = (str(calibration.tenants), str(calibration.tenant_days), "", "", "")
    _add(out, ("all", *whole), calibration.rates)
    for name, group in calibration.groups.items():
        counts = str(group.tenants), str(group.tenant_days), str(group.left_out)
        _add(out, (name, *counts, f"{group.shift:+.2f}", f"{group.scale:.2f}"), group.rates)
    return out


def summary(calibration: Calibration) -> str:
    """What the table rests on and what its columns mean."""
    budget = "no alert budget"
    if calibration.budget_per_day is not None:
        budget = f"budget {calibration.budget_per_day:g} false findings a day"
    elif calibration.budget_per_tenant_day is not None:
        budget = f"budget {calibration.budget_per_tenant_day:g} false findings a tenant-day"
    return (
        f"{moment(calibration.first_ms)} to {moment(calibration.last_ms)}, {calibration.tenants_a_day:.0f} tenants a day, {budget}, "
        f"tables {calibration.references}.\n"
        "nominal: the share of honest tenant-days that is to reach the severity by this calibration; as shipped: by the tables alone.\n"
        "measured: the share of all tenant-days that reach it by this calibration, attackers included.\n"
        "Low (no finding) is measured on tenants who do not look like attackers: the calibration fits when it is near nominal."
    )


def _add(out: Table, first: tuple[str, ...], rates: tuple[Rate, ...]) -> None:
    for rate in rates:
        interval = f"{_share(rate.low)} - {_share(rate.high)}"
        out.add_row(*first, rate.severity, _share(rate.nominal), _share(rate.shipped), _share(rate.measured), interval)
        first = ("",) * len(first)


def _share(share: float) -> str:
    """A share in percent.

    >>> _share(0.0015), _share(0.234)
    ('0.150%', '23.400%')
    """
    return f"{share * 100:.3f}%"


def _computed(settings: Settings, rows: str | None, until: str | None) -> Calibration:
    references, config = References.shipped(), judgement_config(settings.judgement)
    until_ms = None if until is None else _midnight(until)
    if rows is None:
        own = days_of_clickhouse(settings.clickhouse, settings.calibration, references.version, until_ms)
    else:
        own = days_of_rows(RecordFile(rows), settings.calibration, references.version, until_ms)
    return calibration_of(own, settings.calibration, references, config)


def _midnight(day: str) -> int:
    try:
        return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        raise BadSettings(f"--until takes a day like 2026-11-21, not {day!r}") from None
