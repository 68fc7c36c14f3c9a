"""The people behind an attack: the accounts they use, how they keep them looking alive, when they work."""

from collections.abc import Iterator

from streams.simulation.identities import Place
from streams.simulation.rhythm import DAY_MS, HOUR_MS, Rhythm, steady
from streams.simulation.scene import Scene
from streams.simulation.tenant import Tenant


def account(scene: Scene, *, ips: int = 4, keys: int = 1) -> Tenant:
    """Open an account: mostly young, otherwise bought; from a cloud or through rented homes."""
    return scene.tenant(
        Place(ips=ips, keys=keys, cloud=scene.rng.random() < 0.6, young=0.6), fields=scene.rng.choice((3, 6, 12))
    )


def cover(scene: Scene, tenant: Tenant) -> None:
    """Half of the operators chat a little all the time, so that the account has an ordinary past."""
    if scene.rng.random() < 0.5:
        tenant.chat(scene.times(scene.volume(18, 90)), turns=0.7)


def pace(scene: Scene, per_hour: float, hours: float) -> Iterator[int]:
    """Choose times of work in a window of `hours`: half of the operators keep an even pace, others imitate people."""
    begin, end = scene.window(hours)
    if scene.rng.random() < 0.5:
        return steady(scene.rng, per_hour, begin, end, scene.rng.choice((0.3, 0.8, 1.0)))
    times = list(scene.rhythm().arrivals(scene.rng, per_hour * DAY_MS / HOUR_MS, begin, end))
    enough = len(times) > 0.3 * per_hour * (end - begin) / HOUR_MS  # a short window may fall into their night
    return (
        iter(times) if enough else Rhythm(hours=(1.0,) * 24, weekend=1.0).arrivals(scene.rng, per_hour * 24, begin, end)
    )
