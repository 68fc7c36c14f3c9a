"""What a kind of tenant is: a function that fills a scene with tenants and their requests."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from streams.simulation.scene import Scene


class Kind(Struct, frozen=True):
    """One row of the table of kinds; among honest tenants `weight` says how common it is."""

    name: str
    make: Callable[[Scene], None]
    label: Literal["benign", "attack"]
    weight: int = 1

    @property
    def about(self) -> str:
        """What it is, in a line: the first of its docstring."""
        return (self.make.__doc__ or "").strip().split("\n", maxsplit=1)[0]
