"""`distillwatch likeness`: the weights of words, from prompts of users and published tasks."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct
from rich.console import Console

from models.likeness import Likeness
from models.likeness_fit import LEAST_PROMPTS, fitted
from schemas.errors import RefusedToStart
from streams.files import RecordFile, track


class _Line(Struct):
    prompt: str


_decode = msgspec.json.Decoder(_Line).decode


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(likeness)


def likeness(
    asked: Annotated[list[str], typer.Option(help="prompts of users: JSON lines with a `prompt`, or events; each file weighs the same")],
    tasks: Annotated[list[str], typer.Option(help="a corpus that students are trained on, in the same form; each weighs the same")],
    out: Annotated[Path, typer.Option(help="write the weights here")],
    version: Annotated[str, typer.Option(help="the name that the file carries")] = "own-1",
) -> None:
    """Learn which words tell published tasks from what users ask.

    Give at least three corpora of tasks, of different kinds, and as many of users: what only one of them has in it says little about one
    that nobody has seen.
    3,000 prompts of each are read; some seconds a corpus. The file holds no words: 4,096 weights of hashed ones.

    Weights and tables go together. Learn weights that lack one corpus or another, give them to `distillwatch calibrate --likeness`, file by
    file of events, so that the tables know what likeness is worth on a corpus that is missing; then ship the weights that know all.

    Example: distillwatch likeness --asked ours.jsonl --tasks sums.jsonl --tasks code.jsonl --tasks exams.jsonl --out likeness.json
    """
    people, corpora = list(map(_prompts, asked)), list(map(_prompts, tasks))
    for name, found in zip((*asked, *tasks), (*people, *corpora), strict=True):
        if len(found) < LEAST_PROMPTS:
            raise RefusedToStart(f"{name} holds {len(found)} prompts, and weights need {LEAST_PROMPTS}")
    made = "distillwatch likeness, of " + ", ".join(Path(file).name for file in (*tasks, *asked))
    weights = fitted(corpora, people, version, made)
    Likeness(weights)
    out.write_bytes(msgspec.json.encode(weights) + b"\n")
    number, others = sum(map(len, corpora)), sum(map(len, people))
    Console(file=sys.stderr).print(f"{out}: {number:,} prompts of {len(tasks)} corpora told from {others:,} of users")


def _prompts(file: str) -> list[str]:
    try:
        return [_decode(line).prompt for line in track(RecordFile(file), f"read {file}")]
    except msgspec.DecodeError as error:
        raise RefusedToStart(f"{file} holds a line without a prompt: {error}") from None
