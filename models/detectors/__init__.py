"""The detectors, one a file.

A newcomer adds one module here that defines `DETECTOR`, a `Detector`: a name, the features it reads, and a compiled `score(seen)`,
where `seen.peers[place]` is the distance from honest tenants and `seen.change[place]` the distance from the tenant's own past, both towards
suspicion, both 0 where a feature is missing; and its two lines in `scores`. The contract tests run over it at once, and fail for a module
without its lines. It is scored from the first day, and neither shown nor heard until `distillwatch calibrate` has given it a place in the
references: a table from its scores to p-values, and nodes of the forest that ask for it. State does not depend on the set of
detectors.
"""

from .detector import Detector
from .ground import Ground, Range
from .scores import DETECTORS
from .seen import Seen
from .view import Own, View

__all__ = ["DETECTORS", "Detector", "Ground", "Own", "Range", "Seen", "View"]
