"""`distillwatch calibrate`: a table of references from labelled events."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec.structs import asdict
from rich.console import Console

from models.calibrate import as_judged, make_table
from models.config import Config
from models.gathering import SECRET, Gathered, Label
from models.likeness import Likeness
from models.measuring import judged_days
from models.mind import Mind
from models.own_null import TenantDay
from models.references import References, Table
from models.vocabulary import Vocabulary, Words
from schemas.codec import decode_event
from schemas.errors import BadRecord, RefusedToStart
from streams.files import RecordFile, track

_decode_label = msgspec.json.Decoder(Label).decode


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(calibrate)


def calibrate(
    events: Annotated[list[str], typer.Argument(help="files of events, .jsonl or .gz; each is a source of its own")],
    labels: Annotated[list[Path], typer.Option(help="the labels of each file, in their order, one JSON object a line")],
    out: Annotated[Path, typer.Option(help="write the table here")],
    held_out: Annotated[
        int, typer.Option(min=0, help="grow nothing on the last N files (honest tenants alone will do); measure on them what a level means")
    ] = 0,
    likeness: Annotated[
        list[Path] | None,
        typer.Option(help="weights of likeness that each file is read by, in their order; without them what ships (as likeness.json)"),
    ] = None,
    words: Annotated[Path | None, typer.Option(help="write the words that skeletons may show here (as words.json)")] = None,
    version: Annotated[str, typer.Option(help="the name that rows and findings will carry")] = "own-1",
) -> None:
    """Make the tables that tenants are judged by: ranges, p-values, weights, and what a risk means.

    EVENTS hold honest and attacking tenants, as `distillwatch simulate` writes them; LABELS say which is which. Give
    several sources: the meaning of a risk is measured on each with weights fitted on the others; or hold some out, of many honest tenants:
    they are judged by the new table as a worker judges, and the meaning is what they reached. Takes about 100 us an event and 6 KB of
    memory a fold. The same input gives the same numbers.

    Example: distillwatch calibrate a.jsonl b.jsonl --labels a.labels.jsonl --labels b.labels.jsonl --out own.json
    """
    if held_out >= len(events):
        raise RefusedToStart(f"--held-out {held_out} leaves none of {len(events)} files to learn from")
    if len(events) != len(labels):
        raise RefusedToStart(f"{len(events)} files of events need as many of labels, not {len(labels)}")
    if likeness and len(likeness) != len(events):
        raise RefusedToStart(f"{len(events)} files of events need as many of likeness, or none, not {len(likeness)}")
    gathered = Gathered(words=words is not None)
    read_by = [Likeness.from_json(each.read_bytes()) for each in likeness or ()] or [Likeness.shipped()] * len(events)
    for number, (file, label_file, weights) in enumerate(zip(events, labels, read_by, strict=True)):
        known = _read_labels(label_file, attacked=number < len(events) - held_out)
        try:
            gathered.gather((decode_event(record) for record in track(RecordFile(file), f"gather {file}")), known, weights)
        except BadRecord as error:
            raise RefusedToStart(f"{file} holds a record that is not an event: {error}") from None
    command = "distillwatch calibrate " + " ".join(Path(file).name for file in events)
    table = make_table(gathered, version, command, datetime.now(UTC).date().isoformat(), held_out)
    if held_out:
        table = as_judged(table, _judged(table, list(zip(events, labels, read_by, strict=True))[-held_out:]))
    References(table)
    out.write_bytes(_written(table))
    if words is not None and gathered.census is not None:
        held = Words(f"words of {version}", command, tuple(gathered.census.words()))
        Vocabulary(held)
        words.write_bytes(msgspec.json.format(msgspec.json.encode(held), indent=1) + b"\n")
    console = Console(file=sys.stderr)
    made = table.made
    console.print(
        f"{out}: {made.folds} folds of {made.honest_tenants} honest and {made.attacking_tenants} attacking tenants"
    )


def _judged(table: Table, files: Sequence[tuple[str, Path, Likeness]]) -> list[TenantDay]:
    """The days of the files' honest tenants, judged by the table."""
    days = []
    for number, (file, label_file, weights) in enumerate(files):
        known = _read_labels(label_file, attacked=False)
        honest = {label.tenant_id for label in known if label.label == "benign"}
        mind = Mind.of(Config(), SECRET, References(table), weights)
        events = (decode_event(record) for record in track(RecordFile(file), f"judge {file}"))
        days += [day._replace(tenant=f"{number}/{day.tenant}") for day in judged_days(events, honest, mind)]
    return days


def _written(table: Table) -> bytes:
    """The table as JSON, a line for each of its fields."""
    fields = (b"%b: %b" % (msgspec.json.encode(name), msgspec.json.encode(value)) for name, value in asdict(table).items())
    return b"{\n" + b",\n".join(fields) + b"\n}\n"


def _read_labels(file: Path, *, attacked: bool) -> list[Label]:
    """The labels of one file; it is to be learned from, and so `attacked` by somebody, or a level is to be measured on it."""
    try:
        found = [_decode_label(line) for line in RecordFile(file)]
    except msgspec.DecodeError as error:
        raise RefusedToStart(f"{file} holds a line that is not a label: {error}") from None
    if attacked and not any(label.attack_ts for label in found):
        raise RefusedToStart(f"{file} names no attack: weights cannot be learned from honest tenants alone")
    return found
