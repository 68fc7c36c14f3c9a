"""Where tenants are made: the span of time, one source of chance for each campaign, and names that never repeat."""

import math
from random import Random

from msgspec import Struct

from streams.simulation.grammar import Voice
from streams.simulation.identities import Place, identity
from streams.simulation.rhythm import DAY_MS, HOUR_MS, MACHINE, OFFICE, PEOPLE, Rhythm
from streams.simulation.tenant import Tenant
from streams.simulation.words import FIELDS

DEFAULT_START_MS = 1_791_158_400_000  # Monday 2026-10-05T00:00:00Z


class Simulation(Struct, frozen=True, kw_only=True):
    """What to simulate: so many honest tenants and attack campaigns, over so many days from `start_ms`."""

    days: float = 3.0
    tenants: int = 40
    attackers: int = 6
    seed: int = 1
    start_ms: int = DEFAULT_START_MS

    @property
    def end_ms(self) -> int:
        """First millisecond after the simulated time."""
        return self.start_ms + max(1, int(self.days * DAY_MS))


class Scene:
    """One group of tenants in the making: an honest tenant, or an attack campaign.

    Its chance depends on the seed and its own name alone, so what one kind does leaves other tenants as they are.
    """

    def __init__(self, config: Simulation, kind: str, number: int) -> None:
        self.kind = kind
        self.name = f"{kind}-{number}"
        self.start_ms = config.start_ms
        self.end_ms = config.end_ms
        self.rng = Random(f"{config.seed}/{self.name}")  # noqa: S311 - repeatable on purpose; a text seed is hashed stably
        self.seed = config.seed
        self.tenants: list[Tenant] = []

    def tenant(self, place: Place, fields: int = 2) -> Tenant:
        """Add a new tenant of this scene, with `fields` fields of life to talk about."""
        name = f"{self.seed}/{self.name}/{len(self.tenants)}"
        who = identity(self.rng, name, self.start_ms, place)
        made = Tenant(self.rng, self.kind, who, Voice(self.rng, self.rng.sample(FIELDS, fields)))
        self.tenants.append(made)
        return made

    def rhythm(self, hours: tuple[float, ...] = PEOPLE) -> Rhythm:
        """Habits like those of others of the kind, in some time zone."""
        weekend = {PEOPLE: self.rng.uniform(0.6, 1.3), OFFICE: self.rng.uniform(0.05, 0.3), MACHINE: 1.0}[hours]
        return Rhythm(
            hours=hours, zone_hours=self.rng.randint(-8, 9), weekend=weekend, burst=self.rng.uniform(0.3, 0.9)
        )

    def times(self, per_day: float, hours: tuple[float, ...] = PEOPLE) -> list[int]:
        """Request times over the whole span, after a rhythm of `hours`."""
        return list(self.rhythm(hours).arrivals(self.rng, per_day, self.start_ms, self.end_ms))

    def volume(self, median: float, most: float) -> float:
        """Draw a number of requests: many are small, few are large."""
        return min(most, self.rng.lognormvariate(math.log(median), 0.7))

    def window(self, hours: float) -> tuple[int, int]:
        """Choose a span of `hours` that leaves the first sixth alone, so that what is normal can be learnt before."""
        first = self.start_ms + (self.end_ms - self.start_ms) // 6
        last = max(first + 1, self.end_ms - int(hours * HOUR_MS))
        begin = self.rng.randrange(first, last)
        return begin, min(self.end_ms, begin + int(hours * HOUR_MS))
