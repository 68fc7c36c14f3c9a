"""The learner: an online logistic regression that starts from "the shipped tables are right"."""

from collections.abc import Sequence

from river import linear_model, optim

from .evidence import Evidence

#: The log-odds that a finding is true while nobody has said anything: nineteen in twenty are.
PRIOR = 3.0
RATE, SHRINKAGE, PASSES = 0.05, 0.01, 5


def learn(verdicts: Sequence[tuple[Evidence, bool]]) -> dict[str, float]:
    """Weights by family from (evidence, was it a false alarm), the oldest verdict first."""
    model = linear_model.LogisticRegression(
        optimizer=optim.SGD(RATE), l2=SHRINKAGE, intercept_init=PRIOR, intercept_lr=0.0
    )
    for _ in range(PASSES):
        for evidence, false_positive in verdicts:
            model.learn_one(evidence, not false_positive)
    return {family: round(weight, 4) for family, weight in sorted(model.weights.items())}
