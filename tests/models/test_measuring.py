"""Laws of measuring what a level means: honest tenants only, judged as a worker judges them, whoever else is among the traffic."""

from msgspec.structs import replace

from models.calibrate import as_judged
from models.config import Config
from models.measuring import judged_days
from models.mind import Mind
from models.own_null import TenantDay
from models.own_rates import DAY_MS
from models.references import References
from models.tenant import Tenant
from schemas.event import Event
from tests.models.behaviour import chats, harvests

MIND = Mind.of(Config(), b"measuring")
SENT = {"person": list(chats(300, 1)), "other": list(chats(300, 2)), "thief": list(harvests(300))}


def traffic() -> list[Event]:
    events = [
        replace(event, tenant_id=name, event_id=f"{name}/{number}")
        for name, sent in SENT.items()
        for number, event in enumerate(sent)
    ]
    return sorted(events, key=lambda event: event.ts)


def alone(name: str) -> dict[tuple[str, int], float]:
    """The highest level of a tenant's days, judged without the others."""
    tenant, highest = Tenant(MIND, name), dict[tuple[str, int], float]()
    for number, event in enumerate(SENT[name]):
        tenant.apply(number, number, replace(event, tenant_id=name, event_id=f"{name}/{number}"), [], [])
        window = tenant.windows.newest()
        if window.level:
            key = name, window.start_ms // DAY_MS
            highest[key] = max(highest.get(key, window.level), window.level)
    return highest


def test_days_are_those_of_honest_tenants_each_judged_as_by_itself() -> None:
    days = judged_days(traffic(), {"person", "other"}, MIND)
    highest: dict[tuple[str, int], float] = {}
    for day in days:
        highest[day[:2]] = max(highest.get(day[:2], day.level), day.level)
    assert {name for name, _ in highest} == {"person", "other"}
    for name in ("person", "other"):
        for key, level in alone(name).items():
            assert highest[key] >= level


def test_who_comes_high_is_counted_once_a_day_and_moves_what_a_level_means() -> None:
    table = References.shipped().table
    days = [TenantDay(f"t{n}", 1, group, n / 1000) for n in range(1000) for group in ("light", "medium")]
    low, high = (as_judged(table, [day._replace(level=day.level + by) for day in days]).card for by in (0.0, 1.0))
    assert low.level_at(low.deviate(0.99)) == 0.99
    assert abs(low.honest_share(0.99) - 0.01) < 0.002
    assert [round(b - a, 3) for a, b in zip(low.levels, high.levels, strict=True)] == [1.0] * len(low.levels)
    assert (low.shares, low.risks) == (table.card.shares, table.card.risks)
