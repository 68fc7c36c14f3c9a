"""What of a tenant's recent past others may share with it: frequent templates, places, means of payment."""

from typing import Any, NamedTuple

import numpy as np

from .compiled import compiled
from .heavy import heaviest
from .past import PAST

HEADS, TAILS = 6, 3
#: A head or tail is told when such a share of the recent prompts have it: of fewer than 25 prompts any, for an account of a few requests
#: has no other template to show (of one operator's thousand accounts 90% were named instead of 78%).
LEAST_SHARE = 0.04
_NEWEST = sum(PAST[name].shape[0] for name in ("recent_origins", "recent_networks", "recent_payments"))


class Signature(NamedTuple):
    """Keyed hashes of 32 bits, the heaviest or newest first."""

    heads: tuple[int, ...]
    tails: tuple[int, ...]
    origins: tuple[int, ...]
    networks: tuple[int, ...]
    payments: tuple[int, ...]


def signature_of(past: "np.ndarray[Any, Any]") -> Signature:
    """The signature of a recent past (one `PAST` record). Costs 3 us."""
    found, ends = np.empty(HEADS + TAILS + _NEWEST, np.uint32), np.empty(5, np.int64)
    _sign(past, found, ends)
    told = found.tolist()
    heads, tails, origins, networks, payments = ends.tolist()
    return Signature(
        tuple(told[:heads]),
        tuple(told[heads:tails]),
        tuple(told[tails:origins]),
        tuple(told[origins:networks]),
        tuple(told[networks:payments]),
    )


@compiled
def _sign(past: Any, found: Any, ends: Any) -> None:
    """Write the five kinds one after the other, and where each ends."""
    held = past[0]
    ends[0] = _frequent(held.head_digests, held.head_counts, held.head_mass, np.empty(HEADS, np.int64), found[:HEADS])
    begin = ends[0]
    ends[1] = begin + _frequent(
        held.tail_digests, held.tail_counts, held.tail_mass, np.empty(TAILS, np.int64), found[begin:]
    )
    ends[2] = _newest(held.recent_origins, found, ends[1])
    ends[3] = _newest(held.recent_networks, found, ends[2])
    ends[4] = _newest(held.recent_payments, found, ends[3])


@compiled
def _frequent(digests: Any, counts: Any, mass: int, places: Any, found: Any) -> int:
    number = heaviest(digests, counts, LEAST_SHARE * mass, places)
    for at in range(number):
        found[at] = digests[places[at]]
    return number


@compiled
def _newest(held: Any, found: Any, end: int) -> int:
    for back in range(len(held)):
        digest = held[len(held) - 1 - back]
        if digest:
            found[end] = digest
            end += 1
    return end
