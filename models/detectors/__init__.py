"""The detectors, one a file; this package finds them by itself.

A newcomer adds one module here that defines `DETECTOR`, a `Detector`: a name, the features it reads, and `score(view)`,
where `view.peers(feature)` is the distance from honest tenants and `view.change(feature)` the distance from the
tenant's own past, both towards suspicion, both 0 where a feature is missing. The contract tests run over it at once. It
is scored from the first day, and neither shown nor heard until `distillwatch calibrate` has given it a place in the
references: a table from its scores to p-values, and nodes of the forest that ask for it. State does not depend on the set of
detectors.
"""

from importlib import import_module
from pkgutil import iter_modules

from .detector import Detector
from .ground import Ground, Range
from .view import Own, View


def _found() -> tuple[Detector, ...]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    detectors = (getattr(module, "DETECTOR", None) for module in modules)
    return tuple(sorted((each for each in detectors if isinstance(each, Detector)), key=lambda each: each.name))


#: Every detector, by name.
DETECTORS: tuple[Detector, ...] = _found()

__all__ = ["DETECTORS", "Detector", "Ground", "Own", "Range", "View"]
