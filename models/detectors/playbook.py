"""Detectors whose weights are learned: how like the known campaigns of a playbook a fold is."""

from models.features import FEATURES

from .detector import Detector


def playbook(name: str, meaning: str, *, kinds: tuple[str, ...]) -> Detector:
    """A detector by a table in the references: an additive, piecewise linear score over all features.

    The table is fitted by `distillwatch calibrate` on campaigns of these `kinds` against honest tenants, with weights of
    either sign: it may fall when a feature moves towards suspicion, and it knows what it was shown. It says nothing while
    the references hold no such table.
    """
    return Detector(
        name=name,
        meaning=meaning,
        features=tuple(feature.name for feature in FEATURES),
        rises=(),
        cost_us=3.0,
        score=lambda view: view.likeness(name),
        learned_from=kinds,
    )
