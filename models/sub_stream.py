"""The sub-stream of a tenant that a suspect fold points at: a way of calling that is new to it, or its most frequent one."""

from typing import Any

import numpy as np
import numpy.typing as npt

from schemas.finding import TEMPERATURES, SubStream

from .compiled import compiled
from .look import DESCRIBED, LOGPROBS, REASONING, SAMPLES, SYSTEM_PROMPT, TEMPERATURE_BIT, TOOLS
from .past import holds
from .profile import Present

#: A way of calling that is new to the tenant is pointed at when so many of the fold's requests have it.
LEAST_REQUESTS = 3
#: The flags that are told in words.
_TOLD = np.uint32(DESCRIBED | LOGPROBS | REASONING | SAMPLES | SYSTEM_PROMPT | TOOLS | 3 << TEMPERATURE_BIT)


def sub_stream(rows: npt.NDArray[np.bool_], present: Present, model: str, model_hash: int) -> SubStream:
    """How these rows of a fold call, in words that hold of all of them; `model` has the hash `model_hash`."""
    flags, requests, manners, mostly, known, known_model = _told(present.looks, rows, present.past)
    described = bool(flags & DESCRIBED)

    def set_to(flag: int) -> bool | None:
        return bool(flags & flag) if described else None

    return SubStream(
        requests=requests,
        of=len(present.looks),
        manners=manners,
        known=None if known < 0 else bool(known),
        system_prompt=True if flags & SYSTEM_PROMPT else set_to(SYSTEM_PROMPT),
        tools=set_to(TOOLS),
        reasoning=set_to(REASONING),
        logprobs=set_to(LOGPROBS),
        samples=set_to(SAMPLES),
        temperature=TEMPERATURES[flags >> TEMPERATURE_BIT & 3] if described else None,
        model=model if mostly == model_hash else "",
        new_model=known_model == 0,
    )


def pointed_at(present: Present) -> npt.NDArray[np.bool_]:
    """The rows that a fold points at: those with the most frequent settings that are new to the tenant, else with the most frequent.

    So a harvest that begins inside an honest application is told apart from it. Settings are compared as they are told in words, for who
    rotates a limit on tokens still calls in one way. New ones count from three requests on, and once some are known.
    """
    rows = np.zeros(len(present.looks), np.bool_)
    _point(present.looks, present.past, rows)
    return rows


@compiled
def _point(looks: Any, past: Any, rows: Any) -> None:
    known, number = past[0].known_manners, len(looks)
    sorts = np.empty(number, np.int64)
    for at in range(number):
        new = known[-1] != 0 and not holds(known, looks[at].manner)
        sorts[at] = np.int64(looks[at].flags & _TOLD) << 1 | int(new)
    best, most, strangest = np.int64(-1), 0, False
    for at in range(number):
        times = 0
        for other in range(number):
            times += sorts[other] == sorts[at]
        strange = bool(sorts[at] & 1) and times >= LEAST_REQUESTS
        if (strange and not strangest) or (strange == strangest and times > most):
            best, most, strangest = sorts[at], times, strange
    for at in range(number):
        rows[at] = sorts[at] == best


@compiled
def _told(looks: Any, rows: Any, past: Any) -> tuple[int, int, int, int, int, int]:
    """Of these rows: the first one's flags, how many they are, and the most frequent model.

    Between them how many manners the fold has; behind them whether the first one's manner and that model are known (-1: none is).
    """
    known, models = past[0].known_manners, past[0].known_models
    first, requests, manners, mostly, most = -1, 0, 0, np.uint32(0), 0
    for at in range(len(looks)):
        met = False
        for before in range(at):
            met = met or looks[before].manner == looks[at].manner
        manners += not met
        if not rows[at]:
            continue
        requests += 1
        first = at if first < 0 else first
        model, times = looks[at].model, 0
        for other in range(len(looks)):
            times += rows[other] and looks[other].model == model
        if times > most or (times == most and model < mostly):
            mostly, most = model, times
    known_manner = int(holds(known, looks[first].manner)) if known[-1] else -1
    known_model = int(holds(models, mostly)) if models[-1] else -1
    return int(looks[first].flags), requests, manners, int(mostly), known_manner, known_model
