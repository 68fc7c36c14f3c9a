"""Made traffic taken apart: a population of honest tenants, and the material that attackers are made of."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from tests.benchmarks.quality.labels import DAY_MS, Label, read_labels
from tests.benchmarks.quality.traffic import Files

from .settings import Params, most_common

Event = dict[str, Any]
#: Kinds that collect questions and answers, and kinds whose traffic is people's; both generators call them so.
HARVESTS = ("bulk_distil", "low_and_slow", "ramp")
PEOPLE = ("chat_app", "growing_app", "individual", "developer")
#: Of the people's tenants one in so many is held out of the population, to be somebody's cover.
HELD_OUT = 4
#: An ending or beginning of three words that this share of an operator's prompts has is the operator's, not the task's.
TEMPLATE_SHARE = 0.05
EDGE_WORDS = 3
#: Harvests with fewer tasks are left aside while there are larger ones: an operator would ask everything many times.
FEW_TASKS = 1000


class _Head(Struct):
    """Whose an event is, and when."""

    tenant_id: str
    ts: int


class Stock(Struct, frozen=True, kw_only=True):
    """What is known of a seed's traffic.

    `population`: labels of the honest tenants that stay, `events` the file of theirs; `tasks`: events of each harvest, `bare` beside
    their `prompt` is it without the operator's template; `donors`: honest tenants' events in the order of time; `clients`,
    `accounts`: one of each honest tenant, as its events carry them.
    """

    population: tuple[Label, ...]
    events: Path
    tasks: tuple[tuple[Event, ...], ...]
    donors: tuple[tuple[Event, ...], ...]
    clients: tuple[Event, ...]
    accounts: tuple[Event, ...]
    common: Params

    @property
    def begin_ms(self) -> int:
        """The first millisecond."""
        return self.population[0].begin_ms

    @property
    def end_ms(self) -> int:
        """The first millisecond after the last."""
        return self.population[0].end_ms


def take_apart(files: Files, events: Path, most_a_day: float) -> Stock:
    """Read made traffic and write the population's part of it to `events`; about 3 us an event, 10 kB an event of the rest.

    Honest tenants of more than `most_a_day` requests a day are left out: they are few and have most of the events. What is found of a
    tenant depends on no other one, and to the search for campaigns a tenant is one, whatever it sends.
    """
    labels = read_labels(files.labels)
    attacks = {label.tenant_id: set(label.attack_ts) for label in labels if label.kind in HARVESTS}
    people = [label.tenant_id for label in labels if label.kind in PEOPLE and label.label != "attack" and label.events]
    donors = set(people[HELD_OUT - 1 :: HELD_OUT])
    honest = (label for label in labels if label.label != "attack" and label.tenant_id not in donors)
    population = tuple(label for label in honest if label.events <= most_a_day * (label.end_ms - label.begin_ms) / DAY_MS)
    staying = {label.tenant_id for label in population}
    kept: dict[str, list[Event]] = defaultdict(list)
    census = _Census()
    head, event_of = msgspec.json.Decoder(_Head).decode, msgspec.json.Decoder(dict[str, Any]).decode
    with files.events.open("rb") as lines, events.open("wb") as out:
        for line in lines:
            read = head(line)
            if read.tenant_id in staying:
                out.write(line)
                census.count(read.tenant_id, line, event_of)
            elif read.tenant_id in donors or read.ts in attacks.get(read.tenant_id, ()):
                kept[read.tenant_id].append(event_of(line))
    harvests = [found for found in (bare(kept[tenant]) for tenant in attacks) if found]
    large = [found for found in harvests if len(found) >= FEW_TASKS]
    return Stock(
        population=population,
        events=events,
        tasks=tuple(large or harvests),
        donors=tuple(tuple(kept[tenant]) for tenant in people if kept[tenant] and tenant not in attacks),
        clients=tuple(census.clients),
        accounts=tuple(census.accounts),
        common=most_common(census.params.values()),
    )


class _Census:
    """Who the honest tenants are: the first client and account of each, and the parameters of its first requests."""

    LOOKED_AT = 50

    def __init__(self) -> None:
        self.clients: list[Event] = []
        self.accounts: list[Event] = []
        self.params: dict[str, Counter[bytes]] = {}

    def count(self, tenant: str, line: bytes, event_of: Callable[[bytes], Event]) -> None:
        seen = self.params.get(tenant)
        if seen is not None and seen.total() >= self.LOOKED_AT:
            return
        event = event_of(line)
        if seen is None:
            seen = self.params[tenant] = Counter()
            self.clients.append(event["client"])
            self.accounts.append(event["account"])
        settings = {name: value for name, value in event["params"].items() if name != "stream"}
        seen[msgspec.json.encode(settings, order="sorted")] += 1


def bare(events: Iterable[Event]) -> tuple[Event, ...]:
    """The events with a prompt, and in `bare` what of it is left without beginnings and ends that many of them have."""
    asked = [event for event in events if event.get("prompt")]
    words = [event["prompt"].split() for event in asked]
    for edge in (slice(None, EDGE_WORDS), slice(-EDGE_WORDS, None)):
        while common := _common(words, edge):
            for prompt in words:
                if tuple(prompt[edge]) in common:
                    del prompt[edge]
    return tuple(event | {"bare": " ".join(left)} for event, left in zip(asked, words, strict=True) if left)


def _common(prompts: Sequence[Sequence[str]], edge: slice) -> set[tuple[str, ...]]:
    """The edges that more prompts have than tasks would; an edge shorter than three words is none."""
    counts = Counter(tuple(words[edge]) for words in prompts if len(words) > EDGE_WORDS)
    return {words for words, count in counts.items() if count > max(2, TEMPLATE_SHARE * len(prompts))}
