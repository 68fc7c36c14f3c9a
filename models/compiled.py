"""Compiled functions: the loops over a tenant's few numbers run as machine code, not as Python."""

import shutil
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")

KEPT_VERSIONS = 4

_PACKAGE = Path(__file__).parent


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function at its first call, some seconds, and keep the code on disk for the next process.

    Arithmetic is that of IEEE 754 in the order written, so results are the same in every process; a division by zero is
    infinite or NaN, as in numpy. Such a function sees numbers, arrays and other compiled functions only.
    """
    return cast("Callable[P, R]", numba.njit(cache=_KEPT, error_model="numpy")(function))


def _sources() -> str:
    """A fingerprint of this package's code: what was compiled from other code must not be used."""
    hashing = blake2b(numba.__version__.encode(), digest_size=8)
    for path in sorted(_PACKAGE.rglob("*.py")):
        hashing.update(path.read_bytes())
    return hashing.hexdigest()


def _place() -> Path | None:
    """Where compiled code is kept: beside the package, or in the home of a user who may not write there.

    Never in a folder that others may write to: what lies there is loaded and run.
    """
    name = _sources()
    for above in (_PACKAGE / "__pycache__" / "compiled", Path("~/.cache/distillwatch/compiled")):
        try:
            place = above.expanduser() / name
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            (place / "writable").touch()
            _forget_oldest(place.parent)
        except (OSError, RuntimeError):  # it may not be written, or there is no home
            continue
        return place
    return None


def _forget_oldest(above: Path) -> None:
    """Keep the code of the last few versions: processes of another one may still run."""
    by_age = sorted(above.iterdir(), key=lambda each: (each / "writable").stat().st_mtime_ns, reverse=True)
    for old in by_age[KEPT_VERSIONS:]:
        shutil.rmtree(old, ignore_errors=True)


_KEPT = (_place_found := _place()) is not None
if _place_found is not None:
    numba.config.CACHE_DIR = str(_place_found)
