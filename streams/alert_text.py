"""An alert as a few lines for a terminal, from the JSON that is on the alerts topic."""

from typing import Any

from rich.text import Text

from schemas.finding import Template
from schemas.ocsf.health import is_about_health
from schemas.ocsf.words import SPOKEN_REASONS, moment, number, of_template, short

_STYLES = {1: "blue", 2: "cyan", 3: "yellow", 4: "red", 5: "bold white on red"}
#: Members that are named here; the alert holds up to a hundred.
NAMED = 8
_SPOKEN = {1: "OPENED", 2: "GOES ON", 3: "CLOSED"}
_ENDED = {"adopted": "what it does now is steady, like other tenants, and taken for its normal behaviour"}


def describe(alert: dict[str, Any]) -> Text:
    """Say an OCSF Detection Finding in a few lines, coloured by severity.

    What a tenant chose (ids, model names) is printed without control characters and is never read as markup, so that it
    cannot steer the terminal. A field that is absent is left out; `.plain` of the result is the same without colour.
    """
    severity = alert.get("severity_id", 0)
    style = "green" if alert.get("activity_id") == 3 else _STYLES.get(severity, "white")
    text = Text()
    text.append(f" {_SPOKEN.get(alert.get('activity_id', 0), 'FINDING')} ", style=f"reverse {style}")
    text.append(f" {_word(alert.get('severity'))}  ", style=style)
    text.append(_word(alert.get("finding_info", {}).get("title")), style="bold")
    if is_about_health(alert.get("finding_info", {}).get("types")):
        lines = [short(str(alert.get("message")), 400)]
    else:
        lines = _campaign(alert) if is_campaign(alert) else _tenant(alert)
    for line in lines:
        text.append(f"\n   {line}")
    return text


def is_campaign(alert: dict[str, Any]) -> bool:
    """Whether the alert is about a campaign, not about one tenant."""
    return "Campaign" in (alert.get("finding_info", {}).get("types") or ())


def _tenant(alert: dict[str, Any]) -> list[str]:
    lines = [_how_sure(alert), _how_much(alert), *_reasons(alert), *_where(alert)]
    ended = alert.get("status_detail")
    return lines if ended is None else [*lines, _ENDED.get(str(ended), _word(ended))]


def _campaign(alert: dict[str, Any]) -> list[str]:
    extras, info = alert.get("unmapped", {}), alert.get("finding_info", {})
    said = [f"campaign {_word(info.get('uid'))} · {number(float(extras.get('members', 0)))} tenants"]
    if isinstance(extras.get("chance"), int | float):
        said.append(f"chance {extras['chance']:.2g}")
    lines = [" · ".join(said), _how_much(alert)]
    if "merged_into" in extras:
        lines.append(f"it is part of campaign {_word(extras['merged_into'])}")
    named = [_word(r.get("uid")) for r in alert.get("resources", []) if r.get("type") == "Tenant"]
    if named:
        more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
        lines.append(f"names {', '.join(named[:NAMED])}{more}")
    links = sorted(extras.get("links", []), key=lambda link: -link.get("tenants", 0))[:SPOKEN_REASONS]
    lines += [
        f"- {_word(one.get('kind')).replace('+', ' and ')}: shared by {one.get('tenants')} tenants" for one in links
    ]
    if extras.get("complete") is False:
        lines.append("made without a partition that was idle or far behind, or with tenants dropped for want of room")
    return lines


def _word(value: object) -> str:
    return "unknown" if value is None else short(str(value), 128)


def _how_sure(alert: dict[str, Any]) -> str:
    tenant = _word(alert.get("metadata", {}).get("tenant_uid"))
    risk, confidence = alert.get("risk_score"), alert.get("confidence_score")
    return f"tenant {tenant} · risk {_word(risk)}/100 · confidence {_word(confidence)}/100"


def _how_much(alert: dict[str, Any]) -> str:
    since = alert.get("start_time")
    models = [r.get("uid") for r in alert.get("resources", []) if r.get("type") == "AI Model"]
    said = [f"{number(float(alert.get('count', 0)))} requests"]
    if isinstance(since, int):
        said.append(f"since {moment(since)}")
    said += [f"model {_word(model)}" for model in models]
    return " · ".join(said)


def _reasons(alert: dict[str, Any]) -> list[str]:
    extras = alert.get("unmapped", {}).get("reasons", [])
    analyses = alert.get("anomaly_analyses", [])[:SPOKEN_REASONS]
    extras = [*extras, *({} for _ in analyses)]
    return [_reason(analysis, extra) for analysis, extra in zip(analyses, extras, strict=False)]


def _where(alert: dict[str, Any]) -> list[str]:
    """The sub-stream that the finding points at, and what its prompts have in common."""
    extras = alert.get("unmapped", {})
    lines = []
    if extras.get("sub_stream"):
        lines.append(f"- points at {short(str(extras['sub_stream'].get('meaning')), 400)}")
    for one in extras.get("templates", []):
        template = Template(edge=str(one.get("edge")), share=float(one.get("share", 0)), skeleton=str(one.get("skeleton", "")))
        uid = f" (template {_word(one['uid'])})" if one.get("uid") else ""
        lines.append(f"- {of_template(template)}{uid}")
    return lines


def _reason(analysis: dict[str, Any], extra: dict[str, Any]) -> str:
    observed = analysis["anomalies"][0]
    baselines = {b["observed_pattern"]: _values(b) for b in analysis.get("baselines", [])}
    said = [f"{' '.join(_values(observed))} {short(str(extra.get('unit', '')))}".rstrip()]
    if "OWN_BASELINE" in baselines:
        said.append(f"usually {baselines['OWN_BASELINE'][0]}")
    if "PEERS_5TH_TO_95TH" in baselines:
        said.append("most tenants " + " to ".join(baselines["PEERS_5TH_TO_95TH"]))
    meaning = f" ({short(str(extra['meaning']), 128)})" if extra.get("meaning") else ""
    return f"- {short(observed['observation_parameter']).replace('_', ' ')}{meaning}: {', '.join(said)}"


def _values(observation: dict[str, Any]) -> list[str]:
    return [_number(str(o["value"])) for o in observation["observations"]]


def _number(value: str) -> str:
    try:
        return number(float(value))
    except ValueError:
        return short(value)
