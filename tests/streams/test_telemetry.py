"""Metrics: each has a meaning, a worker's are its own, and the table lists them all."""

import re

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from streams.telemetry import PREFIX, Metric, Telemetry, metric_table, samples
from tests.schemas.findings import CREATED

METRICS = Telemetry().metrics


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.name)
def test_every_metric_has_a_meaning_and_a_name_with_its_unit(metric: Metric) -> None:
    assert len(metric.meaning) > 10
    assert re.fullmatch(r"distillwatch_[a-z][a-z_]*[a-z]", metric.name)
    assert metric.name.endswith("_total") == (metric.kind == "counter")


def test_the_table_lists_every_metric_that_is_exposed() -> None:
    families = text_string_to_metric_families(Telemetry().exposition().decode())
    exposed = {f.name for f in families if f.name.startswith(PREFIX) and not f.name.endswith("_created")}
    listed = {name.removesuffix("_total") for name in re.findall(r"^\| `(\w+)`", metric_table(), re.MULTILINE)}
    assert exposed == listed == {m.name.removesuffix("_total") for m in METRICS}


def test_two_workers_in_one_process_count_apart_and_outside_the_global_registry() -> None:
    one, other = Telemetry(), Telemetry()
    one.events_in.inc(5)
    assert (one.value("distillwatch_events_in_total"), other.value("distillwatch_events_in_total")) == (5, 0)
    assert not any(f.name.startswith(PREFIX) for f in REGISTRY.collect())


def test_a_stage_counts_wall_and_cpu_time_also_when_it_fails() -> None:
    telemetry = Telemetry()
    with pytest.raises(ZeroDivisionError), telemetry.stage("judge"):
        sum(range(10_000)) / 0
    assert telemetry.value("distillwatch_stage_seconds_total", stage="judge") > 0
    assert telemetry.value("distillwatch_stage_cpu_seconds_total", stage="judge") > 0


def test_waiting_counts_no_cpu_time() -> None:
    telemetry = Telemetry()
    with telemetry.waiting("publish"):
        pass
    assert telemetry.value("distillwatch_stage_seconds_total", stage="publish") > 0
    assert telemetry.value("distillwatch_stage_cpu_seconds_total", stage="publish") == 0


def test_findings_are_counted_by_activity_and_severity() -> None:
    telemetry = Telemetry()
    telemetry.finding(CREATED)
    assert telemetry.value("distillwatch_findings_total", activity="create", severity="high") == 1


def test_a_partition_that_went_is_forgotten() -> None:
    telemetry = Telemetry()
    telemetry.lag.labels(3).set(7)
    telemetry.lag.labels(4).set(9)
    telemetry.forget_partition(3)
    read = samples(telemetry.exposition())
    assert [name for name in read if name.startswith("distillwatch_lag")] == ['distillwatch_lag_records{partition="4"}']
    telemetry.forget_partition(3)


def test_the_metrics_can_be_read_back_from_their_text() -> None:
    telemetry = Telemetry()
    telemetry.dead_letters.labels("not_json").inc(2)
    assert samples(telemetry.exposition())['distillwatch_dead_letters_total{reason="not_json"}'] == 2.0
