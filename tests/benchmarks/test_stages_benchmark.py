from streams.simulation import simulate
from tests.benchmarks.stages.stages import Stage
from tests.benchmarks.stages.timing import timings
from tests.benchmarks.stages.workload import DIGEST, SIMULATION, digest_of


def test_the_frozen_workload_is_the_one_that_figures_are_told_of() -> None:
    assert digest_of(list(simulate(SIMULATION)[0])) == DIGEST


def test_each_stage_is_given_its_input_anew_and_the_first_round_is_not_counted() -> None:
    seen: list[tuple[str, int]] = []

    def stage(name: str) -> Stage:
        made = iter(range(100))
        return Stage(
            name=name,
            unit="event",
            what="",
            pieces=1,
            prepare=lambda: next(made),
            work=lambda number: seen.append((name, number)),
        )

    told = timings([stage("decode"), stage("judge")], 2, lambda _: None)
    assert seen == [(name, number) for number in range(3) for name in ("decode", "judge")]
    assert [(each.name, each.least_us <= each.median_us) for each in told] == [("decode", True), ("judge", True)]
