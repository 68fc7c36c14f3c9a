"""The feature table: what is measured of a fold, a family a file.

A family is a module of this package with a tuple `FEATURES` and a compiled `measure` that writes their values in that
order, NaN where the events do not carry what one needs; adding a feature is adding an entry and a line, and then
running `distillwatch calibrate`, which gives it a place in the references. The order of `FEATURES` here is the order in
packed state.
"""

from typing import Any

import numpy as np

from models.compiled import compiled

from . import likeness, origins, parameters, refusals, repetition, rhythm, size, style, wording
from .feature import Feature

FAMILIES = (rhythm, size, repetition, style, parameters, refusals, origins, likeness, wording)
FEATURES: tuple[Feature, ...] = tuple(feature for family in FAMILIES for feature in family.FEATURES)
INDEX: dict[str, int] = {feature.name: at for at, feature in enumerate(FEATURES)}

_LOW = np.array([float(feature.low) for feature in FEATURES])
_HIGH = np.array([float(feature.high) for feature in FEATURES])
# Where each family begins; the compiler wants the families one by one.
_SIZE, _REPETITION, _STYLE, _PARAMETERS, _REFUSALS, _ORIGINS, _LIKENESS, _WORDING = np.cumsum(
    [len(family.FEATURES) for family in FAMILIES]
)[:-1]
_rhythm, _size, _repetition, _style = rhythm.measure, size.measure, repetition.measure, style.measure
_parameters, _refusals, _origins = parameters.measure, refusals.measure, origins.measure
_likeness, _wording = likeness.measure, wording.measure


@compiled
def measure(looks: Any, gaps: Any, topics: Any, past: Any, out: Any) -> None:
    """Write the bounded value of every feature of a `Present`, in order; NaN where one cannot be known. Costs 4 us."""
    out[:] = np.nan
    if not len(looks):
        return
    _rhythm(looks, gaps, topics, past, out)
    _size(looks, gaps, topics, past, out[_SIZE:])
    _repetition(looks, gaps, topics, past, out[_REPETITION:])
    _style(looks, gaps, topics, past, out[_STYLE:])
    _parameters(looks, gaps, topics, past, out[_PARAMETERS:])
    _refusals(looks, gaps, topics, past, out[_REFUSALS:])
    _origins(looks, gaps, topics, past, out[_ORIGINS:])
    _likeness(looks, gaps, topics, past, out[_LIKENESS:])
    _wording(looks, gaps, topics, past, out[_WORDING:])
    for at in range(len(out)):
        if out[at] == out[at]:
            out[at] = min(max(out[at], _LOW[at]), _HIGH[at])


__all__ = ["FAMILIES", "FEATURES", "INDEX", "Feature", "measure"]
