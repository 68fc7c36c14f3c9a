"""The HTTP face: metrics, health, readiness, and nothing else."""

import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest

from schemas.errors import RefusedToStart
from streams.settings import WatchSettings
from streams.telemetry import Telemetry
from streams.watch import HEALTHY, Health, Watch

ANY_PORT = WatchSettings(port=0)


class Patient:
    """A worker whose health a test decides."""

    def __init__(self) -> None:
        self.health = HEALTHY
        self.ready = Health(ok=False, reasons=("partition 3 is being restored",))
        self.telemetry = Telemetry()
        self.watch = Watch(ANY_PORT, self.telemetry, lambda: self.health, lambda: self.ready)
        self.url = ""


@pytest.fixture
async def patient() -> AsyncIterator[Patient]:
    it = Patient()
    it.url = f"http://127.0.0.1:{await it.watch.start()}"
    yield it
    await it.watch.stop()


async def ask(url: str, method: str = "GET") -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.request(method, url) as answer:
        return answer.status, answer.headers.get("Content-Type", ""), await answer.text()


async def test_metrics_are_served_as_prometheus_text(patient: Patient) -> None:
    patient.telemetry.events_in.inc(3)
    status, kind, text = await ask(patient.url + "/metrics")
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert "distillwatch_events_in_total 3.0" in text


async def test_health_is_200_while_all_is_well(patient: Patient) -> None:
    patient.health = Health(ok=True, details={"partitions": 8})
    assert await ask(patient.url + "/health") == (
        200,
        "application/json",
        '{"ok":true,"reasons":[],"details":{"partitions":8}}',
    )


async def test_health_is_503_with_the_reasons_when_it_is_not(patient: Patient) -> None:
    patient.health = Health(ok=False, reasons=("no batch for 90 s while 4,000 records wait",))
    status, _, text = await ask(patient.url + "/health")
    assert status == 503
    assert "no batch for 90 s" in text


async def test_readiness_is_apart_from_health(patient: Patient) -> None:
    status, _, text = await ask(patient.url + "/ready")
    assert status == 503
    assert "partition 3 is being restored" in text
    patient.ready = HEALTHY
    assert (await ask(patient.url + "/ready"))[0] == 200


@pytest.mark.parametrize("path", ["/", "/metrics/", "/debug", "/health/../etc", "/static"])
async def test_nothing_else_is_served(patient: Patient, path: str) -> None:
    assert (await ask(patient.url + path))[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_nothing_can_be_changed(patient: Patient, method: str) -> None:
    assert (await ask(patient.url + "/health", method))[0] == 405


async def test_the_server_does_not_name_its_software(patient: Patient) -> None:
    async with aiohttp.ClientSession() as session, session.get(patient.url + "/health") as answer:
        assert answer.headers["Server"] == "distillwatch"


async def test_a_port_that_is_taken_refuses_to_start_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        watch = Watch(WatchSettings(port=port), Telemetry(), lambda: HEALTHY)
        with pytest.raises(RefusedToStart, match=rf"127\.0\.0\.1:{port}.*DISTILLWATCH_WATCH__PORT") as refused:
            await watch.start()
        assert "\n" not in str(refused.value)
        await watch.stop()


async def test_the_port_is_free_again_after_stop(patient: Patient) -> None:
    await patient.watch.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await ask(patient.url + "/health")


def test_it_listens_on_loopback_unless_told_otherwise() -> None:
    assert WatchSettings().host == "127.0.0.1"
