"""What this machine will do with a user's own traffic, measured before he starts; nothing outside this process is needed.

`traffic` cuts a file into the batches a worker would get, `rounds` judges them and times every stage, `memory` asks a process
of its own (`growth`) what a tenant takes, `load` says how often tenants are packed and woken at a rate, `estimate` puts the figures
together, `notes` says what to know before one believes them.
"""

from streams.capacity.estimate import Asked, Capacity, estimate
from streams.capacity.memory import Copies, Memory, measure_memory
from streams.capacity.rounds import Costs, measure_costs
from streams.capacity.traffic import Traffic

__all__ = ["Asked", "Capacity", "Copies", "Costs", "Memory", "Traffic", "estimate", "measure_costs", "measure_memory"]
