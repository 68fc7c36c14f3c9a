"""Labelled traffic in our own words, made from a seed: honest tenants, and attacks that try to look like them.

`simulate(Simulation(...))` gives the records and the labels. The files, from the outside in: `traffic` (who takes
part), `honest/` and `attacks/` (the kinds, one function each, listed in a table), `scene` and `tenant` (what those work
with), `rhythm`, `identities`, `grammar`, `phrases` and `words` (when, who, what is said), `writing` (to files).
`rubbish` makes records that are no events.
"""

from streams.simulation.attacks import ATTACKS
from streams.simulation.honest import HONEST
from streams.simulation.scene import Simulation
from streams.simulation.traffic import TenantLabel, simulate

__all__ = ["ATTACKS", "HONEST", "Simulation", "TenantLabel", "simulate"]
