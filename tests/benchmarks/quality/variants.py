"""Traffic rewritten to see what a judgement leans on: shuffled parameters, no prompts."""

from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import msgspec
from msgspec import Raw, Struct

_PARTNER_FIELDS = ("params", "system_prompt_hash")
_NULL = Raw(b"null")
_read = msgspec.json.Decoder(dict[str, Raw]).decode
_write = msgspec.json.Encoder().encode


class Variant(Struct, frozen=True, kw_only=True):
    """What is done to the traffic before it is judged.

    `shuffled`: each tenant has the request parameters and system-prompt hashes of another one, so that an exact value says nothing of
    the composer that chose it. `without_prompts`: as from a gateway that sends no content.
    """

    shuffled: bool = False
    without_prompts: bool = False

    def words(self) -> str:
        """The variant in words; empty for the traffic as it is."""
        said = [
            "parameters and system prompts shuffled between tenants" * self.shuffled,
            "without prompts" * self.without_prompts,
        ]
        return ", ".join(filter(None, said))

    @property
    def stem(self) -> str:
        """The variant in a file's name."""
        return "-shuffled" * self.shuffled + "-promptless" * self.without_prompts

    def rewrite(self, source: Path, target: Path, seed: int) -> None:
        """Rewrite a file of events; memory holds 4 bytes an event and each distinct set of parameters once."""
        deal = _Deal.of(source, seed) if self.shuffled else None
        with source.open("rb") as lines, target.open("wb") as out:
            out.writelines(self._rewritten(lines, deal))

    def _rewritten(self, lines: Iterable[bytes], deal: "_Deal | None") -> Iterator[bytes]:
        for line in lines:
            event = _read(line)
            if deal is not None:
                event.update(deal.next(_tenant(event)))
            if self.without_prompts:
                event["prompt"] = _NULL
            yield _write(event) + b"\n"


class _Deal:
    """Who gets whose parameters: for a tenant's k-th event those of its partner's (k modulo n)-th."""

    def __init__(self, hands: "dict[str, array[int]]", distinct: list[tuple[bytes, ...]], seed: int) -> None:
        self._hands, self._distinct = hands, distinct
        self._partner = partners(sorted(hands), seed)
        self._given = dict.fromkeys(hands, 0)

    @classmethod
    def of(cls, source: Path, seed: int) -> "_Deal":
        numbers: dict[tuple[bytes, ...], int] = {}
        hands: dict[str, array[int]] = {}
        with source.open("rb") as lines:
            for event in map(_read, lines):
                held = tuple(bytes(event.get(name, _NULL)) for name in _PARTNER_FIELDS)
                hands.setdefault(_tenant(event), array("I")).append(numbers.setdefault(held, len(numbers)))
        return cls(hands, list(numbers), seed)

    def next(self, tenant: str) -> dict[str, Raw]:
        hand, at = self._hands[self._partner[tenant]], self._given[tenant]
        self._given[tenant] += 1
        return dict(zip(_PARTNER_FIELDS, map(Raw, self._distinct[hand[at % len(hand)]]), strict=True))


def partners(tenants: list[str], seed: int) -> dict[str, str]:
    """Whose parameters each tenant gets: one random ring of all, so that nobody keeps its own (unless it is alone)."""
    ring = tenants.copy()
    Random(seed).shuffle(ring)
    return dict(zip(ring, ring[1:] + ring[:1], strict=True))


def _tenant(event: dict[str, Raw]) -> str:
    return msgspec.json.decode(event["tenant_id"], type=str)
