"""What moved a risk, in the order of its weight: the reasons that a finding carries."""

from collections.abc import Mapping

from msgspec import structs

from schemas.finding import Reason

from .detectors import DETECTORS, Detector, View
from .features import FEATURES, INDEX

MOST_REASONS = 5
#: Own expectations are told once they rest on so many folds.
TOLD_FOLDS = 4


def explain(
    view: View, p_values: Mapping[str, float], weights: Mapping[str, float], evidences: Mapping[str, float]
) -> tuple[Reason, ...]:
    """The reasons for a judgement, the strongest first, five at most; contributions are shares of all evidence.

    A feature that several detectors point to is one reason, with the sum of their shares and the strongest one's name.
    """
    told: dict[str, Reason] = {}
    for detector, share in _shares(weights, evidences):
        name = detector.explained_by(view)
        if name is None:
            continue
        held = told.get(name)
        if held is None:
            told[name] = _reason(detector, name, share, view, p_values[detector.name])
        else:
            told[name] = structs.replace(held, contribution=held.contribution + share)
    return tuple(sorted(told.values(), key=lambda reason: -reason.contribution)[:MOST_REASONS])


def _reason(detector: Detector, name: str, share: float, view: View, p_value: float) -> Reason:
    peers = view.range(name)
    return Reason(
        detector=detector.name,
        feature=name,
        unit=FEATURES[INDEX[name]].unit,
        observed=view.value(name),
        own_expected=view.expected(name) if view.weight(name) >= TOLD_FOLDS else None,
        peers_low=peers.low,
        peers_high=peers.high,
        p_value=p_value,
        contribution=share,
    )


def _shares(weights: Mapping[str, float], evidences: Mapping[str, float]) -> list[tuple[Detector, float]]:
    """The detectors that speak against the tenant and their shares of all that is said, the strongest first."""
    said = [(detector, weights.get(detector.name, 0.0) * evidences.get(detector.name, 0.0)) for detector in DETECTORS]
    total = sum(weighed for _, weighed in said)
    spoken = [(detector, weighed / total) for detector, weighed in said if weighed > 0]
    return sorted(spoken, key=lambda each: (-each[1], each[0].name))
