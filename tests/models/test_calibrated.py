"""A judgement under a calibration: the level stays what it is, and what it means is the deployment's own."""

from collections.abc import Mapping

import msgspec

from models.mind import Mind
from models.partition import Partition
from models.peers import PEER_GROUPS
from schemas.control import Calibration, Control, PeerCalibration
from schemas.event import Event
from schemas.finding import Finding
from schemas.rows import TenantWindow
from tests.models.behaviour import chats, harvests
from tests.models.events import mind

MIND = mind(risk_medium=0.25)
EVENTS = sorted(
    [*harvests(300), *(msgspec.structs.replace(one, tenant_id="quiet") for one in chats(150))], key=lambda one: one.ts
)


def calibrating(shift: float, scale: float = 1.0, references: str | None = None, factor: float = 1.0) -> Control:
    groups = {name: PeerCalibration(shift=shift, scale=scale) for name in PEER_GROUPS}
    version = MIND.references.version if references is None else references
    return Control(number=1, made_ms=0, calibration=Calibration(references=version, groups=groups, factor=factor))


def judged(mind: Mind, events: list[Event] = EVENTS) -> tuple[dict[tuple[str, int], TenantWindow], list[Finding]]:
    partition = Partition(mind, 0, 1)
    for offset, event in enumerate(events):
        partition.apply(offset, event)
    rows = {(row.tenant, row.window_start_ms): row for row in partition.checkpoint().rows}
    return rows, [finding for _, finding in partition.findings]


def risks(rows: Mapping[tuple[str, int], TenantWindow]) -> list[float]:
    return [row.risk for row in rows.values()]


PLAIN, FINDINGS = judged(MIND)


def test_rows_tell_the_raw_level_and_the_peer_group_whatever_the_calibration() -> None:
    stricter, _ = judged(MIND.adopting(calibrating(0.8)))
    # What a tenant under a finding has learned depends on the finding; nobody found the quiet one.
    assert [(row.level, row.peer_group) for row in stricter.values() if row.tenant == "quiet"] == [
        (row.level, row.peer_group) for row in PLAIN.values() if row.tenant == "quiet"
    ]
    assert all(finding.tenant != "quiet" for finding in FINDINGS)
    assert {row.peer_group for row in PLAIN.values()} <= {"", *PEER_GROUPS}
    assert all(bool(row.peer_group) == bool(row.folds) for row in PLAIN.values())


def test_where_honest_tenants_lie_higher_the_same_level_is_less_risk_and_where_lower_more() -> None:
    stricter, _ = judged(MIND.adopting(calibrating(0.5)))
    laxer, _ = judged(MIND.adopting(calibrating(-0.5)))
    assert all(low <= usual <= high for low, usual, high in zip(risks(stricter), risks(PLAIN), risks(laxer), strict=True))
    assert risks(stricter) != risks(PLAIN) != risks(laxer)


def test_a_budget_opens_findings_at_a_greater_share_of_honest_tenant_days() -> None:
    wider, _ = judged(MIND.adopting(calibrating(0.0, factor=20.0)))
    assert all(wide >= usual for wide, usual in zip(risks(wider), risks(PLAIN), strict=True))
    assert risks(wider) != risks(PLAIN)


def test_a_control_record_without_a_calibration_or_with_one_of_other_tables_changes_no_risk() -> None:
    for control in (Control(number=1, made_ms=0), calibrating(0.8, references="other tables")):
        rows, findings = judged(MIND.adopting(control))
        assert risks(rows) == risks(PLAIN)
        assert [(one.uid, one.risk, one.time_ms) for one in findings] == [
            (one.uid, one.risk, one.time_ms) for one in FINDINGS
        ]


def test_declared_evaluators_are_told_from_everybody_else_in_their_rows() -> None:
    config = msgspec.structs.replace(MIND.config, allowed_until_ms={"quiet": 2**53})
    rows, _ = judged(msgspec.structs.replace(MIND, config=config))
    for row in rows.values():
        assert row.peer_group in ({"", "declared"} if row.tenant == "quiet" else {"", *PEER_GROUPS})


def test_signals_tell_the_calibrated_share() -> None:
    def told(mind: Mind) -> float:
        partition = Partition(mind, 0, 1)
        for offset, event in enumerate(EVENTS):
            partition.apply(offset, event)
        return min(message.p_value for message in partition.messages if hasattr(message, "p_value"))

    assert told(MIND.adopting(calibrating(1.0))) > told(MIND)
