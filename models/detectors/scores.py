"""All detectors, and what they say of a fold, in one call."""

from models.compiled import compiled

from . import (
    broad_template,
    coverage,
    grading,
    harvest,
    logprobs,
    long_answers,
    metronome,
    new_manner,
    onset,
    origins,
    reasoning,
    refusals,
    round_the_clock,
    same_demand,
    settings_sweep,
    takeover,
    templates,
    volume,
)
from .detector import Detector
from .seen import Floats, Seen

#: Every detector, by name.
DETECTORS: tuple[Detector, ...] = (
    broad_template.DETECTOR,
    coverage.DETECTOR,
    grading.DETECTOR,
    harvest.DETECTOR,
    logprobs.DETECTOR,
    long_answers.DETECTOR,
    metronome.DETECTOR,
    new_manner.DETECTOR,
    onset.DETECTOR,
    origins.DETECTOR,
    reasoning.DETECTOR,
    refusals.DETECTOR,
    round_the_clock.DETECTOR,
    same_demand.DETECTOR,
    settings_sweep.DETECTOR,
    takeover.DETECTOR,
    templates.DETECTOR,
    volume.DETECTOR,
)


@compiled
def score(seen: Seen, out: Floats) -> None:
    """Write what each detector says of a fold, in their order; the compiler wants them one by one."""
    out[0] = broad_template.score(seen)
    out[1] = coverage.score(seen)
    out[2] = grading.score(seen)
    out[3] = harvest.score(seen)
    out[4] = logprobs.score(seen)
    out[5] = long_answers.score(seen)
    out[6] = metronome.score(seen)
    out[7] = new_manner.score(seen)
    out[8] = onset.score(seen)
    out[9] = origins.score(seen)
    out[10] = reasoning.score(seen)
    out[11] = refusals.score(seen)
    out[12] = round_the_clock.score(seen)
    out[13] = same_demand.score(seen)
    out[14] = settings_sweep.score(seen)
    out[15] = takeover.score(seen)
    out[16] = templates.score(seen)
    out[17] = volume.score(seen)
