"""`distillwatch control`: what was learned across tenants, and the way back."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from schemas.control import Control, encode_control
from schemas.errors import RefusedToStart
from schemas.ocsf.words import moment
from streams.commands.calibration import WIDE
from streams.commands.calibration import table as rates_table
from streams.control_topic import go_back, read_controls
from streams.settings import Settings

SPOKEN_WEIGHTS, SPOKEN_CAUSES = 4, 3


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(no_args_is_help=True, help="Show what was learned from verdicts, and go back to before it.")
    group.command("list")(list_records)
    group.command()(export)
    group.command()(rollback)
    app.add_typer(group, name="control")


def list_records(ctx: typer.Context) -> None:
    """Show every control record, the newest first: what it rests on, and how it moves a suspect tenant's log-odds.

    A weight says how far a point of log-odds of its family of features, or of two families together, moves the level of a suspect tenant;
    `always` moves all of them. The strongest are shown: `distillwatch control export` prints all.

    Example: distillwatch control list
    """
    controls = read_controls(ctx.obj)
    if not controls:
        typer.echo("no control record: judged by the tables as shipped")
        return
    console = Console()
    console = console if console.is_terminal else Console(width=WIDE)
    console.print(table(controls))
    newest = controls[max(controls)].calibration
    if newest is not None:
        console.print(rates_table(newest))


def export(
    ctx: typer.Context,
    number: Annotated[int | None, typer.Argument(min=1, help="one record; all of them when absent")] = None,
) -> None:
    """Print control records as JSON, one a line, for `distillwatch backtest --control`.

    Example: distillwatch control export 7 > seven.jsonl; distillwatch backtest events.jsonl --control seven.jsonl
    """
    settings: Settings = ctx.obj
    controls = read_controls(settings)
    if number is not None and number not in controls:
        raise RefusedToStart(
            f"there is no control record {number} on {settings.topics.control}: distillwatch control list"
        )
    for control in [controls[number]] if number is not None else controls.values():
        typer.echo(encode_control(control).decode())


def rollback(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(min=0, help="the record to go back to; 0: the tables as shipped")],
) -> None:
    """Publish the next control record with the content of record NUMBER, for every judge to adopt.

    The verdicts that came after that record count no more; those that come from now on do. Going forward again is
    another rollback, to the record that was undone.

    Example: distillwatch control rollback 0
    """
    control = go_back(ctx.obj, number)
    content = f"of record {number}" if number else "of the tables as shipped"
    typer.echo(f"control record {control.number} published, with the content {content}")


def table(controls: dict[int, Control]) -> Table:
    """The records, one a row, the newest first."""
    out = Table(box=None)
    for column in ("number", "made", "origin", "findings", "false", "causes", "weights", "calibration"):
        out.add_column(
            column, overflow="fold", justify="right" if column in {"number", "findings", "false"} else "left"
        )
    for control in sorted(controls.values(), key=lambda one: -one.number):
        learned = control.learned
        origin = control.origin if control.content_of is None else f"{control.origin} to {control.content_of}"
        out.add_row(
            str(control.number),
            moment(control.made_ms),
            origin,
            str(learned.findings),
            str(learned.false_positives),
            most_frequent(learned.causes),
            strongest(learned.weights),
            calibration_words(control),
        )
    return out


def calibration_words(control: Control) -> str:
    """What a record's calibration rests on and what it makes of Medium.

    >>> calibration_words(Control(number=1, made_ms=0))
    'none'
    """
    calibration = control.calibration
    if calibration is None:
        return "none"
    held = "; held" if control.calibration_held else ""
    medium = [
        f", Medium {rate.nominal:.2%}, as shipped {rate.shipped:.2%}"
        for rate in calibration.rates
        if rate.severity == "Medium"
    ]
    return f"{calibration.tenants} tenants to {moment(calibration.last_ms)}{''.join(medium)}{held}"


def most_frequent(causes: dict[str, int]) -> str:
    """Why findings were false, most often.

    >>> most_frequent({"a": 1, "b": 5, "c": 1, "d": 2})
    'b 5, d 2, a 1'
    """
    told = sorted(causes, key=lambda cause: (-causes[cause], cause))[:SPOKEN_CAUSES]
    return ", ".join(f"{cause} {causes[cause]}" for cause in told)


def strongest(weights: dict[str, float]) -> str:
    """The weights that move most, in words.

    >>> strongest({"always": -0.5, "rhythm": 0.25, "size": -0.125, "origins": 0.0625, "refusals": 0.01})
    'always -0.50, rhythm +0.25, size -0.12, origins +0.06 and 1 more'
    """
    told = sorted(weights, key=lambda family: (-abs(weights[family]), family))
    text = ", ".join(f"{family} {weights[family]:+.2f}" for family in told[:SPOKEN_WEIGHTS])
    return (text or "none") + (f" and {len(told) - SPOKEN_WEIGHTS} more" if len(told) > SPOKEN_WEIGHTS else "")
