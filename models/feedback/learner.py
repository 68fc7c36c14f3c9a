"""The learner: an online logistic regression over families of features and their pairs, which says nothing until it is contradicted."""

from collections.abc import Sequence

from .evidence import Evidence, crossed

RATE, SHRINKAGE, PASSES = 0.01, 0.01, 10
#: A false alarm counts as much as the true findings it stands among, but never more than so many of them.
MOST_WEIGHT = 10.0
#: What the regression says is taken so many times when there are many false alarms, half of that after `HALF_BELIEVED`.
STRENGTH, HALF_BELIEVED = 2.0, 20


def learn(verdicts: Sequence[tuple[Evidence, bool]]) -> dict[str, float]:
    """Weights by family and pair of families from (evidence, was it a false alarm), the oldest verdict first.

    River's `LogisticRegression` from weights of zero, shrunk towards them (L2), over all verdicts in their order: absolute, so the
    same verdicts give the same weights, and a verdict that is replaced leaves nothing behind. One false alarm moves a finding like
    itself by 0.2, five by one, fifteen by two; while there is none the shipped tables are right and nothing moves. 0.12 s for 1,000
    verdicts.

    Chosen with `python -m tests.benchmarks.quality.feedback`: verdicts on five composed seeds took a fifth of the false tenant-days
    from the sixth (0.78% to 0.63%; at a lower threshold than the default, where there are false findings to learn from) for 0.3% of the
    members. River's other learners stand there with their figures: trees, naive Bayes and neighbours cost members or campaigns, margin
    learners moved next to nothing.

    >>> learn([({"always": 1.0, "rhythm": 2.0}, False)] * 50)
    {}
    >>> taught = learn([({"always": 1.0, "rhythm": 2.0}, False), ({"always": 1.0, "size": 2.0}, True)] * 50)
    >>> taught["rhythm"] > 0 > taught["size"]
    True
    """
    false = sum(false_positive for _, false_positive in verdicts)
    if not false:
        return {}
    from river import linear_model, optim  # noqa: PLC0415 - a second and 60 MB: only for a worker that has something to learn

    weight = min(MOST_WEIGHT, max(1.0, (len(verdicts) - false) / false))
    model = linear_model.LogisticRegression(optimizer=optim.SGD(RATE), l2=SHRINKAGE, intercept_lr=0.0)
    examples = [(crossed(evidence), false_positive) for evidence, false_positive in verdicts]
    for _ in range(PASSES):
        for evidence, false_positive in examples:
            model.learn_one(evidence, not false_positive, w=weight if false_positive else 1.0)
    believed = STRENGTH * false / (false + HALF_BELIEVED)
    return {family: round(believed * said, 4) for family, said in sorted(model.weights.items())}
