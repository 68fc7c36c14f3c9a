"""`distillwatch backtest`: the worker's judgement over a file."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import orjson
import typer
from rich.console import Console
from rich.table import Table

from schemas import ocsf
from schemas.campaign import CampaignFinding
from schemas.control import Control, decode_control
from schemas.errors import BadRecord, RefusedToStart
from schemas.finding import Finding
from schemas.rows import TenantWindow, encode_row
from streams.backtest import Backtest, BacktestResult, batches, in_order_of_time
from streams.configuration import campaign_config, mind_of
from streams.files import RecordFile, track
from streams.secret import load_secret
from streams.settings import Settings

BATCH = 100
ROWS_EVERY = 1000 * BATCH


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(backtest)


def backtest(  # noqa: PLR0913 - one argument an option
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="events, one JSON object a line: .jsonl, .gz or - for standard input")],
    findings: Annotated[
        Path | None, typer.Option(help="write the alerts here, one OCSF Detection Finding a line")
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option("--features", "--rows", help="write the rows of tenant_windows here, one JSON object a line"),
    ] = None,
    partitions: Annotated[
        int | None, typer.Option(min=1, help="partitions to simulate; the setting topics.partitions when absent")
    ] = None,
    control: Annotated[
        Path | None,
        typer.Option(help="control records, one JSON object a line; the newest is adopted from the first event on"),
    ] = None,
    *,
    without_canaries: Annotated[
        bool, typer.Option("--without-canaries", help="leave out the canaries of the deployment whose secret is set, as its workers do")
    ] = False,
    sort: Annotated[bool, typer.Option("--sort", help="sort by event time first (holds the file in memory)")] = False,
    json: Annotated[bool, typer.Option("--json", help="print the totals as JSON")] = False,
) -> None:
    """Judge a FILE of events as the worker would, without Kafka: the same findings, byte for byte.

    Records are taken in file order. Nothing depends on the time of day, on chance or on the secret, so two runs give the same bytes.
    A file may go on: what half of it gives is the first part of what the whole gives. So the last epoch of a campaign, which some
    partition of the file has not passed, is left open; a worker evaluates it when partitions are idle, and says so.

    With --control it is judged by what analysts taught, as `distillwatch control export` prints it, or by what the deployment's own
    traffic says of its error rates, as `distillwatch calibration show --rows` makes of the rows of an earlier run: see what a record does
    before you trust it.

    Canaries (`distillwatch canary`) in a file that was taken from the requests topic are proven by the deployment's secret only. Without
    --without-canaries they are judged like any tenant; with it they are left out, as by the worker. Nobody else's findings differ by that.

    Example: distillwatch backtest events.jsonl --findings findings.jsonl
    """
    settings: Settings = ctx.obj
    records = RecordFile(file)
    with ExitStack() as stack:
        alerts = _open(findings, stack)
        rows = _RowWriter(_open(features, stack))
        secret = load_secret(settings) if without_canaries else b"a backtest keeps no state, so any key does"
        mind = mind_of(settings.judgement, secret, canaries=without_canaries)
        mind = mind if control is None else mind.adopting(_newest(control))
        campaigns = campaign_config(settings.campaigns, mind)
        run = Backtest(mind, partitions or settings.topics.partitions, _writer(alerts), campaigns)
        lines = track(records, "backtest")
        for number, batch in enumerate(batches(in_order_of_time(lines) if sort else lines, BATCH), 1):
            run.feed_all(batch)
            if number * BATCH % ROWS_EVERY == 0:
                rows.take(run.rows())
        rows.take(run.rows())
        rows.finish()
    _report(run.result(rows.count), as_json=json)


class _RowWriter:
    """Writes the last version of each window, once; keeps the windows of the run in memory only when they are asked for."""

    def __init__(self, out: BinaryIO | None) -> None:
        self._out = out
        self._newest: dict[tuple[str, str, int, int], TenantWindow | None] = {}

    @property
    def count(self) -> int:
        return len(self._newest)

    def take(self, rows: list[TenantWindow]) -> None:
        for row in rows:
            key = (row.tenant, row.subject, row.window_start_ms, row.source_partition)
            self._newest[key] = row if self._out is not None else None

    def finish(self) -> None:
        if self._out is not None:
            self._out.writelines(encode_row(row) + b"\n" for row in self._newest.values() if row is not None)


def _writer(out: BinaryIO | None):  # type: ignore[no-untyped-def]
    def write(finding: Finding | CampaignFinding) -> None:
        if out is not None:
            out.write(ocsf.alert(finding) + b"\n")

    return write


def _newest(path: Path) -> Control:
    """The control record of the highest number in a file."""
    try:
        return max(map(decode_control, path.read_bytes().splitlines()), key=lambda one: one.number)
    except OSError as error:
        raise RefusedToStart(f"cannot read {path}: {error.strerror}") from None
    except BadRecord as error:
        raise RefusedToStart(f"{path} holds a line that is no control record: {error}") from None
    except ValueError:
        raise RefusedToStart(f"{path} holds no control record") from None


def _open(path: Path | None, stack: ExitStack) -> BinaryIO | None:
    if path is None:
        return None
    try:
        return stack.enter_context(path.open("wb"))
    except OSError as error:
        raise RefusedToStart(f"cannot write {path}: {error.strerror}") from None


def _report(result: BacktestResult, *, as_json: bool) -> None:
    values = msgspec.structs.asdict(result)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(values) + b"\n")
        return
    table = Table(show_header=False, box=None)
    for name, value in values.items():
        table.add_row(name.replace("_", " "), f"{value:,}")
    Console().print(table)
