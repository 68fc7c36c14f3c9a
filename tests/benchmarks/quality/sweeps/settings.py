"""Request parameters of a harvest, and those that honest tenants use most."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from .effort import Settings

Params = dict[str, Any]
#: What a data set wants of every request: the thoughts, and no cap that cuts an answer.
GREEDY: Params = {
    "temperature": 1.0,
    "top_p": None,
    "max_tokens": 8192,
    "n": 1,
    "seed": None,
    "logprobs": False,
    "top_logprobs": 0,
    "reasoning": True,
    "stream": False,
    "response_format": None,
    "tools": 0,
}


def params_of(settings: Settings, own: Params, common: Params) -> Params:
    """The parameters of a request that had its `own`, where `common` are the honest tenants' most common ones."""
    if settings == "own":
        return own
    if settings == "everything":
        return GREEDY | {"logprobs": True, "top_logprobs": 20, "n": 4}
    if settings == "reasoning":
        return GREEDY
    return GREEDY | common | {"tools": 3 if settings == "tools" else 0}


def has_system(settings: Settings) -> bool:
    """Whether there is a system prompt."""
    return settings in {"system", "tools"}


def most_common(params_by_tenant: Iterable[Counter[bytes]]) -> Params:
    """The settings that most tenants use most; each tenant has one vote, and equal votes fall to the first by text."""
    votes = Counter(min(held, key=lambda text: (-held[text], text)) for held in params_by_tenant if held)
    if not votes:
        return {}
    params: Params = msgspec.json.decode(min(votes, key=lambda text: (-votes[text], text)))
    return params
