"""What analysts teach: verdicts about findings become weights, and weights a correction of a suspect tenant's level.

The shipped tables are right until somebody says otherwise. `evidence` is what a finding rested on, by family of features; `memory`
keeps the newest verdicts with it; `learner` makes weights of them; `correction` is what a judge does with the weights.
"""

from .correction import Correction
from .evidence import Evidence, evidence_of
from .learner import learn
from .memory import Memory

__all__ = ["Correction", "Evidence", "Memory", "evidence_of", "learn"]
