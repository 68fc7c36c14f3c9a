"""What every line says of itself in the terms of the class: what it does, how bad, how sure."""

from typing import Any

from schemas.finding import Activity, Severity
from schemas.ocsf import words

_ACTIVITIES = {Activity.CREATE: "Create", Activity.UPDATE: "Update", Activity.CLOSE: "Close"}
_STATUSES = {Activity.CREATE: (1, "New"), Activity.UPDATE: (2, "In Progress"), Activity.CLOSE: (4, "Resolved")}
_CONFIDENCES = {"Low": 1, "Medium": 2, "High": 3}
_RISK_LEVELS = ("Info", "Low", "Medium", "High", "Critical")


def classification(activity: Activity, severity: Severity, confidence: float, risk: float) -> dict[str, Any]:
    """The attributes of a line by which a SOC sorts it; confidence and risk are in [0, 1]."""
    name, level = _ACTIVITIES[activity], int(severity)
    sure = words.confidence_word(confidence)
    status_id, status = _STATUSES[activity]
    event = {
        "activity_id": int(activity),
        "activity_name": name,
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200400 + int(activity),
        "type_name": f"Detection Finding: {name}",
        "severity_id": level,
        "severity": severity.name.capitalize(),
        "confidence_id": _CONFIDENCES[sure],
        "confidence": sure,
        "confidence_score": words.percent(confidence),
        "risk_level_id": level - 1,
        "risk_level": _RISK_LEVELS[level - 1],
        "risk_score": words.percent(risk),
        "status_id": status_id,
        "status": status,
    }
    return event | {"is_alert": True} if activity is Activity.CREATE else event
