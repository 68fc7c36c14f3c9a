"""A tenant while it is simulated: its identity, its way of calling, and the requests it has made."""

import math
from collections.abc import Iterable
from random import Random

import msgspec
from msgspec import Struct

from schemas.event import SCHEMA_VERSION, Account, Client, Event, Params, Response, Usage
from streams.simulation.grammar import Voice
from streams.simulation.identities import Identity, token

MODELS = ("frontier-large", "frontier-small", "frontier-large-next")
NEXT_MODEL = MODELS[2]

_encode = msgspec.json.Encoder().encode


class Call(Struct, frozen=True, kw_only=True):
    """How a request is made; `length` scales the answer, `refused` is a chance, `top_logprobs` 0 asks for none."""

    model: str = MODELS[0]
    operation: str = "chat"
    system: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    n: int = 1
    top_logprobs: int = 0
    reasoning: bool = False
    tools: int = 0
    response_format: str | None = None
    stream: bool = False
    length: float = 1.0
    refused: float = 0.003

    def but(self, **changes: object) -> "Call":
        """Return this way of calling with some of it changed."""
        return msgspec.structs.replace(self, **changes)


def habit(rng: Random) -> Call:
    """Choose the settings that one client program happens to use."""
    return Call(
        model=rng.choice(MODELS[:2]),
        system=rng.choice((None, None, "be helpful", f"product {rng.randrange(1000)}")),
        temperature=rng.choice((None, None, 0.0, 0.2, 0.7, 1.0)),
        max_tokens=rng.choice((None, None, 512, 1024, 2048, 4096)),
        stream=rng.random() < 0.5,
        response_format=rng.choice((None, None, None, "json_object")),
        length=math.exp(rng.gauss(0, 0.4)),
    )


class Tenant:
    """Holds what a tenant has sent so far, encoded (about 1.7 kB a request), and which of it was an attack."""

    def __init__(self, rng: Random, kind: str, who: Identity, voice: Voice) -> None:
        self.rng = rng
        self.kind = kind
        self.who = who
        self.voice = voice
        self.call = habit(rng)
        self.conversations = rng.random() < 0.7
        self.content = rng.random() < 0.95  # the others' gateways send no prompts
        self.events: list[tuple[int, str, bytes]] = []  # (ts, event_id, record)
        self.attack_ts: list[int] = []

    def ask(
        self, ts: int, prompt: str, call: Call | None = None, *, attack: bool = False, conversation: str | None = None
    ) -> None:
        """Send one request at `ts`."""
        call = call or self.call
        event_id = token("evt", self.who.tenant_id, len(self.events), digits=20)
        usage, response = self._answer(call, len(prompt))
        event = Event(
            schema_version=SCHEMA_VERSION,
            event_id=event_id,
            ts=ts,
            tenant_id=self.who.tenant_id,
            account_id=self.rng.choice(self.who.accounts),
            api_key_id=self.rng.choice(self.who.keys),
            conversation_id=(conversation or token("conv", event_id)) if self.conversations else None,
            operation=call.operation,
            model=call.model,
            prompt=prompt if self.content else None,
            system_prompt_hash=token("sp", self.who.tenant_id, call.system) if call.system else None,
            params=_params(call),
            client=self._client(),
            account=Account(self.who.created_ms, self.who.tier, self.who.payment_fp),
            usage=usage,
            response=response,
        )
        self.events.append((ts, event_id, _encode(event)))
        if attack:
            self.attack_ts.append(ts)

    def talk(self, ts: int, call: Call | None = None, *, turns: float = 1.6, opening: str | None = None) -> None:
        """Hold a conversation: an opening, and on average `turns` follow-ups, some seconds to minutes apart."""
        conversation = token("conv", self.who.tenant_id, len(self.events), "talk")
        self.ask(ts, opening or self.voice.says(), call, conversation=conversation)
        while self.rng.random() < turns / (turns + 1):
            ts += self.rng.randint(6_000, 200_000)
            self.ask(ts, self.voice.follows_up(), call, conversation=conversation)

    def chat(self, times: Iterable[int], call: Call | None = None, *, turns: float = 1.6) -> None:
        """Hold a conversation at each of these times."""
        for ts in times:
            self.talk(ts, call, turns=turns)

    def _client(self) -> Client:
        who = self.who
        return Client(self.rng.choice(who.ips), who.asn, who.country, who.user_agent, who.ja4)

    def _answer(self, call: Call, prompt_chars: int) -> tuple[Usage, Response]:
        rng, refused = self.rng, self.rng.random() < call.refused
        limited = rng.random() < 0.002
        tokens_in = max(1, prompt_chars // 4) + (rng.randint(40, 400) if call.system else 0)
        wanted = 12 if refused else max(1, int(rng.lognormvariate(5.0, 0.8) * call.length)) * call.n
        cap = (call.max_tokens or 8192) * call.n
        tokens_out = 0 if limited else min(wanted, cap)
        ending = "refusal" if refused else "length" if wanted > cap else "stop"
        usage = Usage(
            tokens_in, tokens_out, int(0.6 * tokens_out) if call.reasoning else 0, tokens_in // 2 if call.system else 0
        )
        latency_ms = round(250 + tokens_out * rng.uniform(6, 15), 1)
        response = Response(429, None, False, 4.0) if limited else Response(200, ending, refused, latency_ms)  # noqa: FBT003
        return usage, response


def _params(call: Call) -> Params:
    return Params(
        temperature=call.temperature,
        max_tokens=call.max_tokens,
        n=call.n,
        logprobs=call.top_logprobs > 0,
        top_logprobs=call.top_logprobs,
        reasoning=call.reasoning,
        stream=call.stream,
        response_format=call.response_format,
        tools=call.tools,
    )
