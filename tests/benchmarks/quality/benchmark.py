"""Seed after seed: make the traffic, judge it, score it, forget it."""

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import msgspec
from msgspec import Struct

from .ablation import FEATURES_OF
from .budget import Budgeted, within_budget
from .findings import CRITICAL, HIGH, MEDIUM, Line, namings, read_findings
from .labels import Label, read_labels
from .process import DISTILLWATCH, Ran, run
from .scoring import Score, score
from .traffic import BASELINES, Files, Traffic, cached
from .variants import Variant

SEVERITIES = {"Medium": MEDIUM, "High": HIGH, "Critical": CRITICAL}
FINDINGS_A_DAY = 10
#: Events that the program's start is measured with.
HEAD_EVENTS = 500


class Plan(Struct, frozen=True, kw_only=True):
    """What is done with each seed. `baselines`: the evaluation folder, if its detectors are to run as well."""

    seeds: tuple[int, ...]
    variant: Variant = Variant()
    ablation: bool = False
    baselines: Path | None = None
    keep: bool = False

    @property
    def steps(self) -> int:
        """Steps of a seed, for a progress bar."""
        return 2 + (self.variant != Variant()) + bool(self.baselines) + self.ablation * len(FEATURES_OF)


class Outcome(Struct, frozen=True, kw_only=True):
    """One seed, judged and scored; `cpu_us` is CPU an event without the start of the program.

    `scores` has our own by severity, `alone` the same without campaigns, `baselines` those of others by name, `ablation` ours by the
    family that was left out.
    """

    seed: int
    events: int
    tenants: int
    cpu_us: float
    findings: int
    scores: dict[str, Score]
    alone: dict[str, Score]
    budgeted: Budgeted
    baselines: dict[str, Score]
    ablation: dict[str, Score]

    @property
    def score(self) -> Score:
        """Ours, at severity Medium: what a SOC would be paged for."""
        return self.scores["Medium"]


class _Totals(Struct):
    """What `distillwatch backtest --json` prints, as far as it is needed."""

    events_in: int = 0
    tenants: int = 0
    findings: int = 0


class Benchmark:
    """Runs a plan in a folder; `on_step` is told what begins."""

    def __init__(self, plan: Plan, traffic: Traffic, folder: Path, on_step: Callable[[str], None]) -> None:
        self._plan, self._traffic, self._folder, self._on_step = plan, traffic, folder, on_step
        self._start: Ran | None = None

    def outcomes(self) -> list[Outcome]:
        """All seeds, one after the other; the traffic of one is gone before the next is made, unless it is kept."""
        return [self._outcome(seed) for seed in self._plan.seeds]

    def _outcome(self, seed: int) -> Outcome:
        files = self._files(seed)
        try:
            return self._judged(seed, files)
        finally:
            if not self._plan.keep:
                files.remove()

    def _files(self, seed: int) -> Files:
        variant = self._plan.variant
        self._on_step(f"seed {seed}: making traffic")
        plain = self._traffic.made(seed)
        if variant == Variant():
            return plain
        self._on_step(f"seed {seed}: rewriting it {variant.words()}")

        def make(parts: Files) -> None:
            variant.rewrite(plain.events, parts.events, seed)
            parts.labels.write_bytes(plain.labels.read_bytes())

        try:
            return cached(self._folder, plain.events.name.removesuffix(".events.jsonl") + variant.stem, make)
        finally:
            if not self._plan.keep:
                plain.remove()

    def _judged(self, seed: int, files: Files) -> Outcome:
        labels = read_labels(files.labels)
        self._on_step(f"seed {seed}: backtest")
        totals, cpu_seconds, lines = self._backtest(files.events)
        return Outcome(
            seed=seed,
            events=totals.events_in,
            tenants=totals.tenants,
            cpu_us=cpu_seconds * 1e6,
            findings=totals.findings,
            scores=_scores(labels, lines),
            alone=_scores(labels, [line for line in lines if not line.of_campaign]),
            budgeted=within_budget(labels, lines, FINDINGS_A_DAY),
            baselines=self._baselines(seed, files, labels),
            ablation=self._ablation(seed, files, labels),
        )

    def _backtest(self, events: Path) -> tuple[_Totals, float, list[Line]]:
        """The totals, CPU seconds an event, and the findings.

        What the program takes to start (and to load or compile what it needs on its first events) is measured once, on the
        head of the first file, and taken off.
        """
        found, head = self._folder / "findings.jsonl", self._folder / "head.jsonl"
        command: list[str | Path] = [*DISTILLWATCH, "backtest", "--json", "--findings", found]
        if self._start is None:
            with events.open("rb") as lines:
                head.write_bytes(b"".join(islice(lines, HEAD_EVENTS)))
            run([*command, head])  # whatever is made once on a machine is made now
            self._start = run([*command, head])
        whole = run([*command, events])
        totals, begun = (msgspec.json.decode(ran.output, type=_Totals) for ran in (whole, self._start))
        cpu_seconds = max(0.0, whole.cpu_seconds - self._start.cpu_seconds)
        return totals, cpu_seconds / max(1, totals.events_in - begun.events_in), read_findings(found)

    def _baselines(self, seed: int, files: Files, labels: Sequence[Label]) -> dict[str, Score]:
        if self._plan.baselines is None:
            return {}
        self._on_step(f"seed {seed}: baselines")
        out = self._folder / "baselines"
        run([DISTILLWATCH[0], self._plan.baselines / BASELINES, "--events", files.events, "--out", out])
        return {path.stem: score(labels, namings(read_findings(path))) for path in sorted(out.glob("*.jsonl"))}

    def _ablation(self, seed: int, files: Files, labels: Sequence[Label]) -> dict[str, Score]:
        found, scores = self._folder / "ablated.jsonl", {}
        for family in FEATURES_OF if self._plan.ablation else ():
            self._on_step(f"seed {seed}: without {family}")
            run([DISTILLWATCH[0], "-m", f"{__package__}.ablation", files.events, family, found])
            scores[family] = score(labels, namings(read_findings(found)))
        return scores


def _scores(labels: Sequence[Label], lines: Sequence[Line]) -> dict[str, Score]:
    return {name: score(labels, namings(lines, severity=held)) for name, held in SEVERITIES.items()}
