"""The detector that all rivals share: River's scaler and one-class SVM behind a quantile, one for each tenant.

It is what River's documentation composes for anomalies in numbers, on seven numbers of a request. A tenant's takes 2 KB, small enough
to be kept in any framework's state; half-space trees, River's other choice, take 300 KB or more each. It is not compared by what it
finds: it stands for the cost of a simple online model per tenant.
"""

from typing import Any

import orjson
from river import anomaly, compose, preprocessing

LEAST_EVENTS = 32  # of a tenant, before it may be alerted on
QUANTILE = 0.99


class Detector:
    """A tenant's model and the little it remembers of him."""

    def __init__(self) -> None:
        self.model = compose.Pipeline(
            preprocessing.StandardScaler(), anomaly.QuantileFilter(anomaly.OneClassSVM(nu=0.2), q=QUANTILE)
        )
        self.seen = 0
        self.last_ms = 0

    def judge(self, event: dict[str, Any]) -> float | None:
        """Score a request, then learn it; the score when it is an anomaly."""
        features = self._features(event)
        score = float(self.model.score_one(features))
        anomalous = self.seen >= LEAST_EVENTS and bool(self.model["QuantileFilter"].classify(score))
        self.model.learn_one(features)
        self.seen += 1
        return score if anomalous else None

    def _features(self, event: dict[str, Any]) -> dict[str, float]:
        usage, params = event.get("usage") or {}, event.get("params") or {}
        now_ms = event["ts"]
        gap_ms, self.last_ms = now_ms - (self.last_ms or now_ms), now_ms
        return {
            "prompt_characters": float(len(event.get("prompt") or "")),
            "input_tokens": float(usage.get("input_tokens") or 0),
            "output_tokens": float(usage.get("output_tokens") or 0),
            "reasoning_tokens": float(usage.get("reasoning_tokens") or 0),
            "most_tokens": float(params.get("max_tokens") or 0),
            "temperature": float(params.get("temperature") or 0),
            "gap_seconds": gap_ms / 1000,
        }


def alert(event: dict[str, Any], score: float, appended_ms: int) -> dict[str, Any]:
    """What goes to the alerts topic; `appended_ms` is when the record that caused it was appended."""
    return {"tenant": event["tenant_id"], "event": event["event_id"], "score": score, "caused_ms": appended_ms}


def encoded(alerted: dict[str, Any]) -> bytes:
    """An alert as JSON."""
    return orjson.dumps(alerted)
