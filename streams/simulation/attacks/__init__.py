"""Attacks. A new kind is one function that takes a scene, and its row here; campaigns take the kinds in this order."""

from streams.simulation.attacks.distillation import bulk_distil, diluted, hydra, low_and_slow, pivot, ramp
from streams.simulation.attacks.measurement import boundary_probe, capability_grid, logprob_harvest, reward_grading
from streams.simulation.kinds import Kind

__all__ = ["ATTACKS"]

ATTACKS = tuple(
    Kind(make.__name__, make, "attack")
    for make in (
        bulk_distil,
        hydra,
        logprob_harvest,
        low_and_slow,
        capability_grid,
        reward_grading,
        boundary_probe,
        pivot,
        ramp,
        diluted,
    )
)
