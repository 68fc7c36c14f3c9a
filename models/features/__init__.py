"""The feature table: what is measured of a fold, a family a file.

A family is a module of this package with a tuple `FEATURES`; adding a feature is adding an entry to it, and then
running `distillwatch calibrate`, which gives it a place in the references. The order of `FEATURES` here is the order in
packed state.
"""

from . import origins, parameters, refusals, repetition, rhythm, size
from .feature import Feature

FAMILIES = (rhythm, size, repetition, parameters, refusals, origins)
FEATURES: tuple[Feature, ...] = tuple(feature for family in FAMILIES for feature in family.FEATURES)
INDEX: dict[str, int] = {feature.name: at for at, feature in enumerate(FEATURES)}

__all__ = ["FAMILIES", "FEATURES", "INDEX", "Feature"]
