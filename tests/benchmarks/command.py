"""What the command lines of the benchmarks have in common: where they work, what they say and write, how they end."""

import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import typer
from rich.console import Console
from rich.markup import escape

from schemas.errors import DistillwatchError, RefusedToStart

WIDE = 130  # columns that the tables need; a narrower terminal folds them, a file gets them whole


def say(words: str) -> None:
    """Tell whoever waits what begins."""
    print(words, file=sys.stderr, flush=True)


def wide_console() -> Console:
    """Standard output, with room for the tables where it is no terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDE)


def check_writable(*paths: Path | None) -> None:
    """Raise `RefusedToStart` for a file that could not be written when all is done."""
    for path in filter(None, paths):
        if not path.absolute().parent.is_dir():
            raise RefusedToStart(f"cannot write {path}: there is no directory {path.absolute().parent}")


def write(told: object, page: str, json: Path | None, markdown: Path | None) -> None:
    """Write what was measured as JSON, and its page, where they were asked for."""
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")
    if markdown is not None:
        markdown.write_text(page.rstrip("\n") + "\n", encoding="utf-8")


@contextmanager
def workplace(work: Path | None) -> Iterator[Path]:
    """The folder for traffic; a temporary one is removed, with all that is in it, however the run ends."""
    if work is not None:
        work.mkdir(parents=True, exist_ok=True)
        yield work.absolute()
        return
    place = Path(tempfile.mkdtemp(prefix="distillwatch-quality-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def run_app(command: typer.Typer, name: str) -> None:
    """Run a command; an error of ours is one line and exit code 1. However it is ended, its temporary folder goes with it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        command(standalone_mode=True, prog_name=name)
    except DistillwatchError as error:
        Console(stderr=True).print(f"[bold red]benchmark:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
