"""One API request, as a gateway reports it: the record on the requests topic."""

from typing import Annotated

from msgspec import Meta, Struct

SCHEMA_VERSION = 1

Identifier = Annotated[str, Meta(min_length=1, max_length=256)]
Label = Annotated[str, Meta(max_length=512)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
#: More than a request can hold, and so little that 64 bits hold the sum over two billion requests: sums go into state and rows.
Tokens = Annotated[int, Meta(ge=0, le=2**32 - 1)]
EpochMs = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]  # until the year 9999


class Params(Struct, frozen=True, gc=False):
    """What the caller asked the model to do; every field may be null."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: Count | None = None
    n: Count | None = None
    seed: int | None = None
    logprobs: bool | None = None
    top_logprobs: Count | None = None
    reasoning: bool | None = None
    stream: bool | None = None
    response_format: Label | None = None
    tools: Count | None = None


class Usage(Struct, frozen=True, gc=False):
    """Tokens that were billed."""

    input_tokens: Tokens | None = None
    output_tokens: Tokens | None = None
    reasoning_tokens: Tokens | None = None
    cached_tokens: Tokens | None = None


class Response(Struct, frozen=True, gc=False):
    """How the request ended; `status` is the HTTP status, `latency_ms` milliseconds."""

    status: Count | None = None
    finish_reason: Label | None = None
    refused: bool | None = None
    latency_ms: float | None = None


class Client(Struct, frozen=True, gc=False):
    """Where the request came from."""

    ip: Label | None = None
    asn: Count | None = None
    country: Label | None = None
    user_agent: str | None = None
    ja4: Label | None = None


class Account(Struct, frozen=True, gc=False):
    """What billing knows of the tenant; `payment_fp` is an opaque token, never a card number."""

    created_ts: int | None = None
    tier: Label | None = None
    payment_fp: Label | None = None


NO_PARAMS = Params()
NO_USAGE = Usage()
NO_RESPONSE = Response()
NO_CLIENT = Client()
NO_ACCOUNT = Account()


class Event(Struct, frozen=True, kw_only=True, gc=False):
    """One request to the API.

    Required: `schema_version` (1), `event_id` (unique a request; a redelivery repeats it), `ts` (when the gateway received
    the request, epoch milliseconds), `tenant_id` (who is billed) and `model`. Everything else may be absent or null, the
    prompt too: many gateways send none. Unknown fields are ignored, so that a gateway may send more than is read here.
    """

    schema_version: Annotated[int, Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]
    event_id: Identifier
    ts: EpochMs
    tenant_id: Identifier
    model: Identifier
    account_id: Label | None = None
    api_key_id: Label | None = None
    conversation_id: Label | None = None
    operation: Label | None = None
    prompt: str | None = None
    system_prompt_hash: Label | None = None
    params: Params | None = None
    usage: Usage | None = None
    response: Response | None = None
    client: Client | None = None
    account: Account | None = None
