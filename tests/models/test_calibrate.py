import msgspec
import numpy as np
import pytest

from models.assessor import Assessor
from models.calibrate import make_table, quantiles
from models.detectors import DETECTORS
from models.gathering import Gathered, Label
from models.hashing import Hasher
from models.references import References
from schemas.event import Event
from tests.models.behaviour import BEGIN_MS, chats, harvests, judged


def renamed(events: object, tenant: str) -> list[Event]:
    return [msgspec.structs.replace(event, tenant_id=tenant) for event in events]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def gathered() -> Gathered:
    made = Gathered()
    for source in range(2):
        events, labels = [], []
        for number in range(4):
            events += renamed(chats(120, seed=100 * source + number), f"honest{number}")
            labels.append(Label(tenant_id=f"honest{number}"))
        attack = renamed(harvests(120, seed=source), "thief")
        times = tuple(event.ts for event in attack)
        labels.append(Label(tenant_id="thief", label="attack", kind="low_and_slow", campaign="c", attack_ts=times))
        made.gather([*events, *attack], labels)
    return made


def test_a_table_made_of_labelled_events_tells_a_harvest_from_a_person(gathered: Gathered) -> None:
    table = make_table(gathered, "test-1", "distillwatch calibrate", "2026-01-01")
    references = References(table)
    assert table.made.honest_tenants == 8
    assert table.made.attacking_tenants == 2
    assert set(table.established) == {detector.name for detector in DETECTORS}
    assert len(table.trees.roots) > 10
    fresh = [
        max(verdict.risk for verdict in judged(Assessor(references, Hasher(b"y")), events))
        for events in (chats(200, seed=999), harvests(200, seed=999, begin_ms=BEGIN_MS))
    ]
    assert fresh[0] < fresh[1]


def test_what_a_level_means_may_be_measured_on_sources_held_out(gathered: Gathered) -> None:
    table = make_table(gathered, "test-1", "c", "d", held_out=1)
    assert table.card.shares == tuple(sorted(table.card.shares, reverse=True))
    assert References(table).card.levels[0] < References(table).card.levels[-1]


def test_the_same_events_make_the_same_table(gathered: Gathered) -> None:
    first, second = (msgspec.json.encode(make_table(gathered, "v", "c", "d")) for _ in range(2))
    assert first == second


def test_quantiles_weigh() -> None:
    assert quantiles(np.array([3.0, 1.0, 2.0]), np.array([1.0, 8.0, 1.0]), (0.5, 0.85, 1.0)) == [1.0, 2.0, 3.0]
