import hashlib
import ipaddress
import os
import subprocess
import sys
from collections import Counter, defaultdict

import pytest

from schemas.codec import decode_event
from schemas.event import Event
from streams.simulation import ATTACKS, HONEST, Simulation, TenantLabel, simulate

SMALL = Simulation(days=1.0, tenants=len(HONEST) + 5, attackers=len(ATTACKS), seed=4)
RESERVED = [ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]


@pytest.fixture(scope="module")
def records() -> list[bytes]:
    return list(simulate(SMALL)[0])


@pytest.fixture(scope="module")
def labels() -> list[TenantLabel]:
    return simulate(SMALL)[1]


@pytest.fixture(scope="module")
def events(records: list[bytes]) -> list[Event]:
    return [decode_event(record) for record in records]


def test_two_processes_with_other_hash_seeds_make_the_same_bytes() -> None:
    code = (
        "import sys; from streams.simulation import Simulation, simulate\n"
        "events, labels = simulate(Simulation(days=0.5, tenants=14, attackers=10, seed=9))\n"
        "sys.stdout.buffer.write(b'\\n'.join(events) + repr(labels).encode())"
    )
    digests = set()
    for seed in ("0", "12345"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
        assert len(run.stdout) > 100_000
        digests.add(hashlib.sha256(run.stdout).hexdigest())
    assert len(digests) == 1


def test_another_seed_makes_other_tenants(labels: list[TenantLabel]) -> None:
    others = simulate(Simulation(days=0.1, tenants=5, attackers=1, seed=5))[1]
    assert not {label.tenant_id for label in labels} & {label.tenant_id for label in others}


def test_records_are_in_the_order_of_time_and_every_id_is_unique(events: list[Event]) -> None:
    keys = [(event.ts, event.event_id) for event in events]
    assert keys == sorted(keys)
    assert len({event.event_id for event in events}) == len(events)


def test_every_kind_takes_part(labels: list[TenantLabel]) -> None:
    events = Counter[str]()
    for label in labels:
        events[label.kind] += label.events
    assert all(events[kind.name] > 0 for kind in (*HONEST, *ATTACKS))
    assert sum(label.label == "benign" for label in labels) == SMALL.tenants
    campaigns = {label.campaign for label in labels} - {None}
    assert len(campaigns) == SMALL.attackers


def test_labels_count_the_events_of_their_tenant(events: list[Event], labels: list[TenantLabel]) -> None:
    counted = Counter(event.tenant_id for event in events)
    assert counted == Counter({label.tenant_id: label.events for label in labels if label.events})
    assert len({label.tenant_id for label in labels}) == len(labels)


def test_attack_times_are_times_of_events_of_that_tenant(events: list[Event], labels: list[TenantLabel]) -> None:
    times: dict[str, Counter[int]] = defaultdict(Counter)
    for event in events:
        times[event.tenant_id][event.ts] += 1
    for label in labels:
        assert label.attack_ts == sorted(label.attack_ts)
        assert Counter(label.attack_ts) <= times[label.tenant_id]
        assert bool(label.attack_ts) == (label.label == "attack") == (label.campaign is not None)


def test_all_traffic_is_within_the_simulated_time(events: list[Event], labels: list[TenantLabel]) -> None:
    assert all(SMALL.start_ms <= event.ts < SMALL.end_ms for event in events)
    assert {(label.begin_ms, label.end_ms) for label in labels} == {(SMALL.start_ms, SMALL.end_ms)}


def test_the_first_sixth_of_the_time_is_free_of_attacks(labels: list[TenantLabel]) -> None:
    first = min(min(label.attack_ts) for label in labels if label.attack_ts)
    assert first >= SMALL.start_ms + (SMALL.end_ms - SMALL.start_ms) // 6


def test_addresses_and_networks_are_reserved_for_documentation_or_private_use(events: list[Event]) -> None:
    clients = [event.client for event in events if event.client]
    for ip in {client.ip for client in clients}:
        assert ip
        assert any(
            ipaddress.ip_address(ip) in net for net in RESERVED if net.version == ipaddress.ip_address(ip).version
        )
    assert all(64512 <= (client.asn or 0) <= 65534 for client in clients)


def test_prompts_of_people_are_diverse_and_those_of_a_load_are_not(
    events: list[Event], labels: list[TenantLabel]
) -> None:
    kind = {label.tenant_id: label.kind for label in labels}
    prompts: dict[str, list[str]] = defaultdict(list)
    for event in events:
        if event.prompt and len(event.prompt) > 60:
            prompts[kind[event.tenant_id]].append(event.prompt)
    distinct = {name: len(set(texts)) / len(texts) for name, texts in prompts.items()}
    assert distinct["chat_app"] > 0.98
    assert distinct["logprob_harvest"] < 0.5


def test_no_slot_is_left_unfilled(events: list[Event]) -> None:
    assert not [event.prompt for event in events if event.prompt and ("{" in event.prompt or "}" in event.prompt)]


def test_campaigns_leave_honest_tenants_as_they_are() -> None:
    quiet = list(simulate(Simulation(days=0.3, tenants=6, attackers=0, seed=2))[0])
    busy = set(simulate(Simulation(days=0.3, tenants=6, attackers=3, seed=2))[0])
    assert set(quiet) < busy


def test_no_tenants_make_no_traffic() -> None:
    records, labels = simulate(Simulation(tenants=0, attackers=0))
    assert (list(records), labels) == ([], [])


@pytest.mark.parametrize("kind", [*HONEST, *ATTACKS])
def test_every_kind_says_what_it_is_in_a_line(kind: object) -> None:
    about = getattr(kind, "about", "")
    assert about.endswith(".")
    assert len(about) > 30
