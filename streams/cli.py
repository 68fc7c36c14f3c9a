"""The command line: settings in, one command, errors as one line."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from schemas.errors import DistillwatchError
from schemas.versions import CODE_VERSION
from streams.commands import (
    backtest,
    calibrate,
    calibration,
    canary,
    capacity,
    control,
    demo,
    feedback,
    investigate,
    likeness,
    local,
    migrate,
    rebuild,
    rehome,
    rekey,
    replay,
    settings,
    simulate,
    topics,
    worker,
)
from streams.settings import load_settings

COMMANDS = (
    demo,
    worker,
    backtest,
    replay,
    simulate,
    investigate,
    feedback,
    control,
    calibration,
    canary,
    capacity,
    topics,
    migrate,
    rekey,
    rehome,
    rebuild,
    settings,
    calibrate,
    likeness,
    local,
)

app = typer.Typer(
    name="distillwatch",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Find model extraction (distillation) in LLM API traffic.

Kafka carries API request events to the **worker**, which keeps a model of every tenant's behaviour, sends alerts to a topic that SOC
tools consume, and rows to ClickHouse, where **investigate** asks questions. **backtest** runs the same judgement over a file.

First steps: `distillwatch local start`, `distillwatch topics`, `distillwatch migrate`, `distillwatch simulate --out events.jsonl`,
`distillwatch worker`, and in another terminal `distillwatch replay events.jsonl`.
""",
)
for command in COMMANDS:
    command.register(app)


def _version(value: bool) -> None:  # noqa: FBT001 - the signature is typer's
    if value:
        typer.echo(f"distillwatch {CODE_VERSION}")
        raise typer.Exit


@app.callback()
def main_options(
    ctx: typer.Context,
    config: Annotated[Path | None, typer.Option(help="settings file (TOML); DISTILLWATCH_CONFIG names one too")] = None,
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    """Read the settings once, for whichever command follows."""
    del version
    if not ctx.resilient_parsing:
        ctx.obj = load_settings(config)


def main() -> None:
    """Run the command line; an error of ours is one line and exit code 1."""
    try:
        app()
    except DistillwatchError as error:
        Console(stderr=True).print(f"[bold red]distillwatch:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
