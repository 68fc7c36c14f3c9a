"""Making the weights of words: which tell published tasks from what honest users ask, and along which axes corpora differ."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from schemas.errors import RefusedToStart

from .likeness import LEAST_WORDS, MOST_WRITTEN, PLACES, UNIT, Weights, places
from .wording_fit import axes

Floats = npt.NDArray[np.float32]

#: Prompts of one corpus that are learned from, at most, evenly spread.
MOST_PROMPTS = 3000
#: With fewer of a corpus nothing is learned that would hold for another prompt.
LEAST_PROMPTS = 100
STEPS, PACE, MOMENTUM, SHRINKAGE = 150, 30.0, 0.9, 3e-4


def fitted(harvested: Sequence[Sequence[str]], asked: Sequence[Sequence[str]], version: str, made: str) -> Weights:
    """The weights that tell prompts of the first corpora from those of the second, and the axes of wording of all of them.

    Of each kind every corpus weighs the same. Logistic regression on the presence of words, a prompt's vector divided by the root of
    their number, shrunk (L2), so that what is learned is what corpora have in common rather than each one's names; the axes are told of
    by `wording_fit`. The same prompts give the same weights.
    Raises `RefusedToStart` for a corpus in which no prompt has three words.
    """
    tasks, people = list(map(_vectors, harvested)), list(map(_vectors, asked))
    if not all(map(len, (*tasks, *people))):
        raise RefusedToStart(f"a corpus has no prompt of {LEAST_WORDS} words, and nothing is learned from it")
    vectors = np.concatenate([*tasks, *people])
    wanted = (np.arange(len(vectors)) < sum(map(len, tasks))).astype(np.float32)
    shares = [np.full(len(each), 0.5 / len(kind) / len(each)) for kind in (tasks, people) for each in kind]
    likeness = _logistic(vectors, wanted, np.concatenate(shares).astype(np.float32))
    rounded = np.rint(UNIT * np.column_stack((likeness, axes([*tasks, *people])))).astype(int)
    weighed = [each @ (rounded / UNIT).astype(np.float32) for each in people]
    means = np.array([each.mean(axis=0) for each in weighed])
    within = np.mean([each.var(axis=0) for each in weighed], axis=0)
    # Of users' prompts, the spread of likeness is that within a corpus: how corpora lie beside each other is chance.
    spreads = np.sqrt(np.concatenate((within[:1], (within + means.var(axis=0))[1:])))
    spreads = np.maximum(spreads, 1 / UNIT)  # of few corpora an axis may say nothing
    return Weights(version, made, _short(means.mean(axis=0)), _short(spreads), tuple(map(tuple, rounded.T.tolist())))


def _short(numbers: Iterable[float]) -> tuple[float, ...]:
    return tuple(round(float(each), 4) for each in numbers)


def _logistic(vectors: Floats, wanted: Floats, share: Floats) -> Floats:
    weights, moved = np.zeros(PLACES, np.float32), np.zeros(PLACES, np.float32)
    level = level_moved = 0.0
    for _ in range(STEPS):
        off = (1 / (1 + np.exp(-(vectors @ weights + np.float32(level)))) - wanted) * share
        moved = np.float32(MOMENTUM) * moved - np.float32(PACE) * (vectors.T @ off + np.float32(SHRINKAGE) * weights)
        level_moved = MOMENTUM * level_moved - PACE / 10 * float(off.sum())
        weights, level = weights + moved, level + level_moved
    return weights


def _vectors(prompts: Sequence[str]) -> Floats:
    chosen = np.unique(np.linspace(0, len(prompts) - 1, MOST_PROMPTS).astype(int))
    rows, seen, out = [], np.full(PLACES, -1), np.empty(MOST_WRITTEN, np.int64)
    for mark, number in enumerate(chosen):
        data = np.frombuffer(prompts[number].encode("utf-8", "surrogatepass"), np.uint8)
        words = places(data, len(data), seen, mark, out)
        if words < LEAST_WORDS:
            continue
        row = np.zeros(PLACES, np.float32)
        row[out[:words]] = 1 / np.sqrt(1.0 + words)
        rows.append(row)
    return np.array(rows)
