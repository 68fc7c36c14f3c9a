"""The sub-stream of a tenant that a suspect fold points at: a way of calling that is new to it, or its most frequent one."""

import numpy as np
import numpy.typing as npt

from schemas.finding import TEMPERATURES, SubStream

from .look import DESCRIBED, LOGPROBS, REASONING, SAMPLES, SYSTEM_PROMPT, TEMPERATURE_BIT, TOOLS
from .profile import Present

#: A way of calling that is new to the tenant is pointed at when so many of the fold's requests have it.
LEAST_REQUESTS = 3
#: The flags that are told in words.
_TOLD = np.uint32(DESCRIBED | LOGPROBS | REASONING | SAMPLES | SYSTEM_PROMPT | TOOLS | 3 << TEMPERATURE_BIT)


def sub_stream(rows: npt.NDArray[np.bool_], present: Present, model: str, model_hash: int) -> SubStream:
    """How these rows of a fold call, in words that hold of all of them; `model` has the hash `model_hash`."""
    looks = present.looks
    mine, past = looks[rows], present.past[0]
    flags, known = int(mine["flags"][0]), past["known_manners"]
    models, times = np.unique(mine["model"], return_counts=True)
    mostly = int(models[times.argmax()])
    described = bool(flags & DESCRIBED)

    def set_to(flag: int) -> bool | None:
        return bool(flags & flag) if described else None

    return SubStream(
        requests=len(mine),
        of=len(looks),
        manners=len(np.unique(looks["manner"])),
        known=bool((known == mine["manner"][0]).any()) if known.any() else None,
        system_prompt=True if flags & SYSTEM_PROMPT else set_to(SYSTEM_PROMPT),
        tools=set_to(TOOLS),
        reasoning=set_to(REASONING),
        logprobs=set_to(LOGPROBS),
        samples=set_to(SAMPLES),
        temperature=TEMPERATURES[flags >> TEMPERATURE_BIT & 3] if described else None,
        model=model if mostly == model_hash else "",
        new_model=bool(past["known_models"].any()) and not bool((past["known_models"] == mostly).any()),
    )


def pointed_at(present: Present) -> npt.NDArray[np.bool_]:
    """The rows that a fold points at: those with the most frequent settings that are new to the tenant, else with the most frequent.

    So a harvest that begins inside an honest application is told apart from it. Settings are compared as they are told in words, for who
    rotates a limit on tokens still calls in one way. New ones count from three requests on, and once some are known.
    """
    looks, known = present.looks, present.past[0]["known_manners"]
    new = ~np.isin(looks["manner"], known) & known.any()
    sort = (looks["flags"] & _TOLD).astype(np.int64) << 1 | new
    values, first, times = np.unique(sort, return_index=True, return_counts=True)
    strange = new[first] & (times >= LEAST_REQUESTS)
    best = max(range(len(values)), key=lambda at: (strange[at], times[at], -first[at]))
    rows: npt.NDArray[np.bool_] = sort == values[best]
    return rows
