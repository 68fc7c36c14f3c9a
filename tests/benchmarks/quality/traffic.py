"""Labelled traffic of one seed, made when it is needed: by the composer of the evaluation folder, or by our simulator."""

import os
import sys
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from schemas.errors import RefusedToStart
from streams.simulation import ATTACKS

from .process import DISTILLWATCH, ROOT, run

#: Names the evaluation folder where the option does not.
VARIABLE = "QUALITY_EVAL"
COMPOSER, SCORER, BASELINES = "compose.py", "score.py", "baselines.py"


class Parameters(Struct, frozen=True, kw_only=True):
    """How much traffic a seed has; `rounds` campaigns of each kind of attack.

    `hydra` accounts of a campaign of many accounts, each with `hydra_per_hour` requests; None is the composer's own default.
    """

    benign: int = 400
    days: float = 3.0
    rounds: int = 2
    hydra: int | None = None
    hydra_per_hour: float | None = None

    def words(self) -> str:
        """The parameters in a line."""
        days = "a day" if self.days == 1 else f"{self.days:g} days"
        campaigns = "one campaign" if self.rounds == 1 else f"{self.rounds} campaigns"
        text = f"{days}, {self.benign} honest tenants, {campaigns} of each kind"
        if self.hydra is not None:
            text += f", {self.hydra} accounts of a hydra"
        if self.hydra_per_hour is not None:
            text += f", {self.hydra_per_hour:g} requests an hour of each"
        return text


class Files(NamedTuple):
    """Events and labels of one seed."""

    events: Path
    labels: Path

    def remove(self) -> None:
        """Give the disk back."""
        self.events.unlink(missing_ok=True)
        self.labels.unlink(missing_ok=True)


def evaluation_folder(asked: Path | None) -> Path | None:
    """The evaluation folder that was asked for, by option or variable, or that lies beside the repository; None without one.

    Raises `RefusedToStart` for one that was asked for and has no composer.
    """
    named = asked or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    folder = (named or ROOT.parent / "shared" / "eval").absolute()
    if (folder / COMPOSER).is_file():
        return folder
    if named is not None:
        raise RefusedToStart(f"there is no {COMPOSER} in {folder}")
    return None


class Traffic:
    """Makes the files of a seed in a folder, once: what lies there already under the same parameters is taken."""

    def __init__(self, folder: Path, evaluation: Path | None, parameters: Parameters) -> None:
        if evaluation is None and (parameters.hydra is not None or parameters.hydra_per_hour is not None):
            raise RefusedToStart("--hydra and --hydra-per-hour need the composer: name its folder with --eval")
        self._folder, self._evaluation, self._parameters = folder, evaluation, parameters

    @property
    def maker(self) -> str:
        """Who made it, for titles."""
        return "composed traffic" if self._evaluation else "traffic of our own simulator (no evaluation folder)"

    def made(self, seed: int) -> Files:
        """The files of a seed."""
        command = self._compose if self._evaluation else self._simulate
        return cached(self._folder, self._stem(seed), lambda files: run(command(seed, files)))

    def _compose(self, seed: int, files: Files) -> list[str | Path]:
        held = self._parameters
        command = [sys.executable, self._script(), "--seed", seed, "--days", held.days, "--benign", held.benign]
        command += ["--rounds", held.rounds, "--out", files.events, "--labels", files.labels]
        if held.hydra is not None:
            command += ["--hydra", held.hydra]
        if held.hydra_per_hour is not None:
            command += ["--hydra-per-hour", held.hydra_per_hour]
        return list(map(str, command))

    def _simulate(self, seed: int, files: Files) -> list[str | Path]:
        held, campaigns = self._parameters, self._parameters.rounds * len(ATTACKS)
        options = ("--seed", seed, "--days", held.days, "--tenants", held.benign, "--attackers", campaigns)
        places = ("--out", files.events, "--labels", files.labels)
        return [*DISTILLWATCH, "simulate", *map(str, options), *places]

    def _script(self) -> Path:
        return (self._evaluation or Path()) / COMPOSER

    def _stem(self, seed: int) -> str:
        """A name that differs whenever the bytes may differ: parameters, the composer's text and the corpora beside it."""
        held = self._parameters
        parts = [f"{held.days:g}d", f"{held.benign}b", f"{held.rounds}r"]
        if held.hydra is not None or held.hydra_per_hour is not None:
            parts.append(f"{held.hydra}x{held.hydra_per_hour}")
        maker = "simulated"
        if self._evaluation:
            maker = blake2b(self._script().read_bytes() + bytes(self._evaluation), digest_size=4).hexdigest()
        return "-".join([maker, *parts, f"seed{seed}"])


def cached(folder: Path, stem: str, make: Callable[[Files], object]) -> Files:
    """The files of this name, made unless they are there; what is interrupted is never taken for complete."""
    files = Files(folder / f"{stem}.events.jsonl", folder / f"{stem}.labels.jsonl")
    if not (files.events.exists() and files.labels.exists()):
        parts = Files(folder / f"{stem}.events.part", folder / f"{stem}.labels.part")
        try:
            make(parts)
            parts.labels.rename(files.labels)
            parts.events.rename(files.events)
        finally:
            parts.remove()
    return files
