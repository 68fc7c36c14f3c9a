"""Which learner makes the most of analysts' verdicts?

    .venv/bin/python -m tests.benchmarks.quality.feedback --seeds 24,25,26 --work DIR [--risk 0.35]

Verdicts are the labels of every finding of all seeds but one; what a learner makes of them is held against the labels of that one, each in
turn. `--risk` is the setting judgement.risk_medium: at its default there are few false findings to learn from. Suspect folds are judged
once a seed and kept in DIR (`suspects`).

Figures of 2026-11-21 with the tables composed-5: six composed seeds (22, 24, 25, 41, 42, 51), 424 findings at risk 0.35, 50 of them false:

| learner | campaigns | members | leaked | false tenant-days | precision |
|---|---|---|---|---|---|
| built in: logistic, balanced, pairs of families, shrunk | 98.3% | 97.0% | 10.2% | 0.63% | 91.5% |
| no learning | 98.3% | 97.3% | 10.1% | 0.78% | 89.8% |
| logistic, expecting 19 in 20, single families | 97.5% | 95.5% | 12.9% | 0.50% | 92.7% |
| ALMA | 98.3% | 97.3% | 10.1% | 0.75% | 90.3% |
| passive-aggressive | 98.3% | 97.3% | 10.2% | 0.75% | 90.3% |
| Gaussian naive Bayes | 96.7% | 94.5% | 11.9% | 0.54% | 92.2% |
| Hoeffding tree | 98.3% | 95.0% | 10.8% | 0.70% | 90.6% |
| adaptive random forest | 98.3% | 96.0% | 11.3% | 0.58% | 91.6% |
| nearest neighbours | 98.3% | 96.5% | 10.6% | 0.66% | 91.0% |

At the default of 0.5 there are 16 false findings in 367: the built-in learner changes nothing there, for better or worse. Without
learning a threshold of 0.42 gives 0.54% false tenant-days, but 95.2% of the members and 12.3% leaked.
"""

import argparse
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from river import forest, linear_model, naive_bayes, neighbors, optim, tree

from models.config import Config
from models.feedback import Correction, Evidence, learn
from models.feedback.correction import MOST

from .labels import Label, read_labels
from .scoring import score
from .suspects import Suspect, kept, openings
from .traffic import Parameters, Traffic, evaluation_folder

Verdict = tuple[Evidence, bool]
Correct = Callable[[Evidence], float]
Learner = Callable[[Sequence[Verdict]], Correct]
#: The log-odds of a true finding where a model is compared with what is usual, and verdicts after which half of it is believed.
USUAL, HALF_BELIEVED, PASSES = 3.0, 50, 5


class Seed(NamedTuple):
    """One seed: its suspect folds and the truth."""

    folds: list[Suspect]
    labels: list[Label]


class Outcome(NamedTuple):
    """Shares of campaigns, members, leaked requests, false tenant-days, and findings that are right."""

    caught: float
    members: float
    leaked: float
    false_days: float
    precision: float


def nothing(verdicts: Sequence[Verdict]) -> Correct:
    """No learning."""
    del verdicts
    return lambda _: 0.0


def shipped(verdicts: Sequence[Verdict]) -> Correct:
    """What is built in."""
    return Correction(learn(verdicts)).of_evidence


def prior(verdicts: Sequence[Verdict]) -> Correct:
    """The same regression with an intercept that expects nineteen true findings in twenty, every verdict weighed alike."""
    model = linear_model.LogisticRegression(optimizer=optim.SGD(0.01), l2=0.1, intercept_init=USUAL, intercept_lr=0.0)
    _teach(model, verdicts)
    return Correction(dict(model.weights)).of_evidence


def alma(verdicts: Sequence[Verdict]) -> Correct:
    """Approximate large margin."""
    model = linear_model.ALMAClassifier()
    _teach(model, verdicts)
    return Correction(dict(model.w)).of_evidence


def passive_aggressive(verdicts: Sequence[Verdict]) -> Correct:
    """Passive-aggressive."""
    model = linear_model.PAClassifier(C=1.0, mode=1)
    _teach(model, verdicts)
    return Correction(dict(model.weights)).of_evidence


def by_chance_of_truth(make: Callable[[], Any]) -> Learner:
    """A classifier whose log-odds, less the usual ones, are the correction; believed by the number of verdicts."""

    def learner(verdicts: Sequence[Verdict]) -> Correct:
        model = make()
        _teach(model, verdicts)
        believed = len(verdicts) / (len(verdicts) + HALF_BELIEVED)

        def correct(evidence: Evidence) -> float:
            chance = min(max(model.predict_proba_one(evidence).get(True, 0.0), 0.001), 0.999)
            return min(max(believed * (math.log(chance / (1 - chance)) - USUAL), -MOST), MOST)

        return correct

    return learner


CANDIDATES: dict[str, Learner] = {
    "built in: logistic, balanced, shrunk": shipped,
    "no learning": nothing,
    "logistic, expecting 19 in 20": prior,
    "ALMA": alma,
    "passive-aggressive": passive_aggressive,
    "Gaussian naive Bayes": by_chance_of_truth(naive_bayes.GaussianNB),
    "Hoeffding tree": by_chance_of_truth(lambda: tree.HoeffdingTreeClassifier(grace_period=20)),
    "adaptive random forest": by_chance_of_truth(lambda: forest.ARFClassifier(seed=1, n_models=10, grace_period=20)),
    "nearest neighbours": by_chance_of_truth(lambda: neighbors.KNNClassifier(n_neighbors=9)),
}


def verdicts_of(seed: Seed, risk: float) -> list[Verdict]:
    """What an analyst who knows the truth says of every finding, in the order of their opening."""
    attacks = {label.tenant_id: label.attack_ts for label in seed.labels}
    said = []
    for naming, fold in sorted(openings(seed.folds, lambda _: 0.0, risk), key=lambda one: one[1].at_ms):
        attacked = attacks[naming.tenant]
        said.append((fold.evidence, not (attacked and naming.closed_ms >= attacked[0])))
    return said


def outcome(seed: Seed, correct: Correct, risk: float) -> Outcome:
    """How the findings of a seed are under a correction."""
    scored = score(seed.labels, [naming for naming, _ in openings(seed.folds, correct, risk)])
    campaigns, honest = scored.campaigns, scored.honest
    return Outcome(
        sum(one.caught > 0 for one in campaigns) / max(1, len(campaigns)),
        sum(one.caught for one in campaigns) / max(1, sum(one.members for one in campaigns)),
        sum(one.leaked for one in campaigns) / max(1, sum(one.requests for one in campaigns)),
        sum(one.false_days for one in honest) / max(1, sum(one.days for one in honest)),
        scored.right / max(1, scored.pairs),
    )


def table(seeds: Sequence[Seed], risk: float) -> Iterable[str]:
    """A row a learner: means over the seeds, each judged with the verdicts of the others."""
    said = [verdicts_of(seed, risk) for seed in seeds]
    yield f"{'learner':38s} campaigns members leaked false days precision"
    for name, learner in CANDIDATES.items():
        rows = [
            outcome(seed, learner([one for other, some in enumerate(said) if other != at for one in some]), risk)
            for at, seed in enumerate(seeds)
        ]
        mean = Outcome(*(sum(values) / len(rows) for values in zip(*rows, strict=True)))
        shares = f"{mean.caught:9.1%} {mean.members:7.1%} {mean.leaked:6.1%} {mean.false_days:10.2%} {mean.precision:9.1%}"
        yield f"{name:38s} {shares}"


def main() -> None:
    """Make the seeds, judge them once, try every learner."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="24,25,26")
    parser.add_argument("--risk", type=float, default=Config().risk_medium)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--eval", type=Path)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    traffic = Traffic(arguments.work, evaluation_folder(arguments.eval), Parameters())
    seeds = []
    for number in map(int, arguments.seeds.split(",")):
        files = traffic.made(number)
        seeds.append(Seed(kept(files.events.with_suffix(".suspects"), files.events), read_labels(files.labels)))
    for line in table(seeds, arguments.risk):
        print(line, flush=True)


def _teach(model: Any, verdicts: Sequence[Verdict]) -> None:
    for _ in range(PASSES):
        for evidence, false_positive in verdicts:
            model.learn_one(evidence, not false_positive)


if __name__ == "__main__":
    main()
