"""Operators put among the population, in batches so small that they stay exceptions."""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from .attacker import Account, accounts
from .effort import NAIVE, Effort
from .stock import Stock
from .strategies import Strategy

#: Attackers over honest tenants in one file, at most (an operator of more accounts than that comes alone).
MOST_SHARE = 0.15


class Operator(Struct, frozen=True):
    """One operator of an effort; `name` tells all of its chance."""

    name: str
    effort: Effort


class Member(NamedTuple):
    """An operator and what its accounts did."""

    operator: Operator
    accounts: list[Account]


def operators(strategies: Iterable[Strategy], each: int, seed: int, most_accounts: int) -> list[Operator]:
    """The operators of every effort that the strategies name, each effort once; twice as many of the naive one.

    Of an effort with many accounts there are as few as `most_accounts` takes, but one at least.
    """
    efforts = dict.fromkeys(point.effort for strategy in strategies for point in strategy.points)
    found = []
    for effort in efforts:
        text = msgspec.json.encode(effort).decode()
        count = 2 * each if effort == NAIVE else max(1, min(each, most_accounts // effort.accounts))
        found += [Operator(f"{seed}/{text}/{number}", effort) for number in range(count)]
    return found


def batches(found: Sequence[Operator], most_accounts: int) -> list[list[Operator]]:
    """The operators in batches of at most so many accounts, the largest first, each where it fits first."""
    made: list[list[Operator]] = []
    for operator in sorted(found, key=lambda one: -one.effort.accounts):
        for batch in made:
            if operator.effort.accounts + sum(one.effort.accounts for one in batch) <= most_accounts:
                batch.append(operator)
                break
        else:
            made.append([operator])
    return made


def play(batch: Iterable[Operator], stock: Stock, out: Path) -> list[Member]:
    """Write the population's events and the batch's to one file, by time; the operators' own part is held in memory."""
    members = [Member(operator, accounts(operator.effort, stock, operator.name)) for operator in batch]
    records = sorted(record for member in members for account in member.accounts for record in account.records)
    with stock.events.open("rb") as lines, out.open("wb") as target:
        target.writelines(line for _, line in merge(_timed(lines), records))
    return members


class _Timed(Struct):
    ts: int


def _timed(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    read = msgspec.json.Decoder(_Timed).decode
    return ((read(line).ts, line) for line in lines)
