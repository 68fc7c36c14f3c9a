"""One operator: his accounts and their requests, made from a stock by an effort."""

from collections.abc import Iterator
from hashlib import blake2b
from random import Random
from typing import Any

import msgspec
from msgspec import Struct

from streams.simulation.rhythm import DAY_MS
from tests.benchmarks.quality.labels import Label

from .cadence import times
from .effort import Effort
from .settings import has_system, params_of
from .stock import Event, Stock
from .wording import Wording, disguised, filled

#: Operators begin at any time of the first sixth of the run.
BEGIN_WITHIN = 6
MOST_TOKENS = 8192
_encode = msgspec.json.Encoder().encode


class Account(Struct, frozen=True):
    """One account: its records by time, the truth about it, and the tokens it bought, for the data set and in all.

    For the data set are questions and answers, without the turns before and without what the questions were filled with.
    """

    records: list[tuple[int, bytes]]
    label: Label
    useful_tokens: int
    tokens: int


def accounts(effort: Effort, stock: Stock, name: str) -> list[Account]:
    """The accounts of the operator `name`, which also says all of its chance: the same name gives the same bytes."""
    rng = Random(name)
    lead = _Operator(rng, effort, stock)
    made = []
    for number in range(effort.accounts):
        operator = _Operator(rng, effort, stock) if effort.apart and number else lead
        made.append(_Account(Random(f"{name}/{number}"), effort, stock, operator, name).made())
    return made


class _Operator:
    """What accounts of one hand have in common: network, TLS stack, card, template, and the tasks, each asked once if they last."""

    def __init__(self, rng: Random, effort: Effort, stock: Stock) -> None:
        self.client = rng.choice(stock.clients)
        self.networks = [_network(rng) for _ in range(-(-effort.addresses // 8))]
        self.payment = f"pf_{rng.getrandbits(64):016x}"
        self.wording = None if effort.wordings == "own" else Wording(rng, effort.wordings)
        self.begin_ms = stock.begin_ms + rng.randrange((stock.end_ms - stock.begin_ms) // BEGIN_WITHIN)
        self.tasks = _endless(rng, rng.choice(stock.tasks))
        self.system = f"sp_{rng.getrandbits(64):016x}"


class _Account:
    """One account in the making."""

    def __init__(self, rng: Random, effort: Effort, stock: Stock, operator: _Operator, campaign: str) -> None:
        self._rng, self._effort, self._stock, self._operator, self._campaign = rng, effort, stock, operator, campaign
        self._tenant = f"adv_{_digest(campaign, rng.random())}"
        self._ips = [f"{rng.choice(operator.networks)}.{rng.randint(1, 254)}" for _ in range(effort.addresses)]
        self._keys = [f"key_{_digest(self._tenant, key)}" for key in range(effort.keys)]
        created = stock.begin_ms - int(rng.uniform(0.05, 30) * DAY_MS)
        held = rng.choice(stock.accounts) | {"created_ts": created, "payment_fp": operator.payment}
        self._account, self._spent, self._wanted = held, 0, 0

    def made(self) -> Account:
        begin, a_day = self._operator.begin_ms, self._effort.requests_a_day / self._effort.accounts
        asked = [
            ts
            for ts in times(self._rng, self._effort.cadence, a_day * (1 - self._effort.cover), begin, self._stock.end_ms)
            if self._rng.random() * (1 - self._effort.cover) < self._effort.useful((ts - begin) / DAY_MS)
        ]
        useful = [self._harvest(ts, place) for place, ts in enumerate(asked)]
        cover = list(self._cover(begin, a_day))
        events = sorted(useful + cover, key=lambda event: event["ts"])
        for place, event in enumerate(events):
            event["event_id"] = f"evt_{_digest(self._tenant, place)}"
        label = Label(
            tenant_id=self._tenant,
            label="attack",
            kind="sweep",
            campaign=self._campaign,
            events=len(events),
            begin_ms=self._stock.begin_ms,
            end_ms=self._stock.end_ms,
            attack_ts=tuple(asked),
        )
        records = [(event["ts"], _encode(event) + b"\n") for event in events]
        return Account(records, label, self._wanted, sum(map(_tokens, events)))

    def _harvest(self, ts: int, place: int) -> Event:
        """The next task, asked by the effort's settings and words."""
        effort, task = self._effort, next(self._operator.tasks)
        wording = self._operator.wording
        asked = disguised(self._rng, task["prompt"] if wording is None else wording.put(task["bare"]), effort.disguise)
        prompt = filled(self._rng, asked, self._stock.donors, effort.before, effort.filled)
        params = params_of(effort.settings, task["params"], self._stock.common)
        cap, samples = params["max_tokens"] or MOST_TOKENS, params["n"] or 1
        wanted = max(1, round((task["usage"]["output_tokens"] or 1) * effort.length))
        said = min(wanted, cap)
        if place % effort.turns == 0:
            self._spent = 0
        read = self._spent + max(1, len(prompt) // 4)
        self._spent = read + said
        self._wanted += len(asked) // 4 + said * samples
        usage = {
            "input_tokens": read,
            "output_tokens": said * samples,
            "reasoning_tokens": int(0.6 * said) if params["reasoning"] else 0,
            "cached_tokens": 0,
        }
        system = self._operator.system if has_system(effort.settings) else None
        if effort.settings == "own":
            system = task["system_prompt_hash"]
        ending = {"finish_reason": "length" if wanted > cap else "stop", "refused": False, "status": 200}
        return self._event(
            {name: value for name, value in task.items() if name != "bare"},
            ts,
            prompt=prompt,
            system_prompt_hash=system,
            params=params,
            conversation_id=f"conv_{_digest(self._tenant, place // effort.turns)}",
            usage=usage,
            response=task["response"] | ending,
        )

    def _cover(self, begin: int, a_day: float) -> Iterator[Event]:
        """Honest tenants' requests, when those made them, as many as the effort wants; all in the first donor's settings."""
        donors = self._rng.sample(self._stock.donors, len(self._stock.donors))
        days = (self._stock.end_ms - begin) / DAY_MS
        wanted = round(a_day * sum(1 - self._effort.useful(days * (step + 0.5) / 1000) for step in range(1000)) * days / 1000)
        pool: list[tuple[int, float, Event]] = []
        weight, at = 0.0, 0
        while wanted and donors and weight < wanted:
            found = [self._moved(event, begin, at // len(donors)) for event in donors[at % len(donors)]]
            pool += found
            weight += sum(share for _, share, _ in found)
            at += 1
        manners = [(event["params"], event["system_prompt_hash"]) for event in donors[0]] if donors else []
        chosen = _weighted(self._rng, pool, min(wanted, len(pool)))
        for place, (ts, _, event) in enumerate(chosen):
            params, system = manners[place % len(manners)]
            held = event["conversation_id"]
            conversation = held and f"conv_{_digest(self._tenant, held)}"
            yield self._event(event, ts, params=params, system_prompt_hash=system, conversation_id=conversation)

    def _moved(self, event: Event, begin: int, round_number: int) -> tuple[int, float, Event]:
        """When an event of a donor's falls, how much it is wanted then, and itself; donors that are used again come at other times."""
        span = self._stock.end_ms - begin
        ts: int = begin + (event["ts"] - begin + round_number * span // 7) % span
        return ts, 1 - self._effort.useful((ts - begin) / DAY_MS), event

    def _event(self, like: Event, ts: int, **changed: Any) -> Event:
        client = self._operator.client | {"ip": self._rng.choice(self._ips)}
        who = {"tenant_id": self._tenant, "account_id": f"user_{self._tenant}", "api_key_id": self._rng.choice(self._keys)}
        return like | who | {"ts": ts, "client": client, "account": self._account} | changed


def _weighted(rng: Random, pool: list[tuple[int, float, Event]], count: int) -> list[tuple[int, float, Event]]:
    """So many of the pool, the likelier the more they are wanted, by time (the keys of Efraimidis and Spirakis)."""
    keyed = [(rng.random() ** (1 / share), place) for place, (_, share, _) in enumerate(pool) if share > 0]
    chosen = sorted(keyed, reverse=True)[:count]
    return sorted((pool[place] for _, place in chosen), key=lambda held: held[0])


def _endless(rng: Random, tasks: tuple[Event, ...]) -> Iterator[Event]:
    while True:
        yield from rng.sample(tasks, len(tasks))


def _tokens(event: Event) -> int:
    usage = event["usage"]
    return int((usage["input_tokens"] or 0) + (usage["output_tokens"] or 0))


def _network(rng: Random) -> str:
    """The first three octets of a network in 240.0.0.0/4, which is reserved: nobody honest calls from there."""
    return f"{rng.randint(240, 254)}.{rng.randint(0, 255)}.{rng.randint(0, 255)}"


def _digest(*parts: object) -> str:
    return blake2b("|".join(map(str, parts)).encode(), digest_size=10).hexdigest()
