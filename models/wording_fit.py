"""Making the axes of wording: along which the words of corpora differ most, for what they vary within one."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .likeness import AXES

Floats = npt.NDArray[np.float32]

#: Prompts of one corpus that are learned from, at most, evenly spread; and the directions in which prompts vary most that axes are made of.
MOST_PROMPTS, DIRECTIONS = 600, 160
ROUNDS = 5
#: An axis along which prompts of one corpus hardly vary is drawn together, so that its weights can be written.
MOST_WEIGHT = 30.0


def axes(corpora: Sequence[Floats]) -> Floats:
    """What a word weighs on each axis, (places, axes); `corpora` are the vectors of prompts, each corpus weighs the same.

    Linear discriminants (Fisher, 1936; Rao, 1948) of which corpus a prompt is from, among the directions in which prompts vary most. What
    varies within corpora is shrunk towards the same in all directions (Friedman, 1989) and counted to what tells them apart, so that few
    corpora have as many axes as many. Within a corpus the axes vary by 1 and not together. The same prompts give the same axes.
    """
    chosen = [each[np.unique(np.linspace(0, len(each) - 1, MOST_PROMPTS).astype(int))] for each in corpora]
    basis = _directions(np.concatenate(chosen))
    laid = [each @ basis for each in chosen]
    within = np.mean([np.cov(each.T) for each in laid], axis=0)
    between = np.cov(np.array([each.mean(axis=0) for each in laid]).T) if len(laid) > 1 else 0.0
    usual = np.trace(within) / len(within)
    if not usual > 0:
        return np.zeros((len(basis), AXES), np.float32)
    whitened = _whitening(within + usual * np.eye(len(within)))
    _, turned = np.linalg.eigh(whitened.T @ (within + between) @ whitened)
    found = whitened @ turned[:, ::-1][:, :AXES]
    kept = found.T @ within @ found
    found = found @ _whitening(kept + 0.01 * np.trace(kept) / AXES * np.eye(AXES))
    weights = basis @ found
    return np.asarray(weights / np.maximum(1.0, abs(weights).max(axis=0) / MOST_WEIGHT), np.float32)


def _directions(vectors: Floats) -> Floats:
    """The directions in which vectors vary most, by subspace iteration (Halko, Martinsson and Tropp, 2011)."""
    centred = vectors - vectors.mean(axis=0)
    found = np.random.default_rng(0).standard_normal((vectors.shape[1], DIRECTIONS)).astype(np.float32)
    for _ in range(ROUNDS):
        found, _ = np.linalg.qr(centred.T @ (centred @ found))
    return found


def _whitening(covariance: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """What makes the covariance the identity."""
    variances, turned = np.linalg.eigh(covariance)
    return np.asarray(turned / np.sqrt(variances))
