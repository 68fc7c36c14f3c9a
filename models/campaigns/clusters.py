"""From the table of an epoch to clusters: tenants that keys with too much evidence join."""

from collections import defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from .config import CampaignConfig
from .keys import KINDS, Kind, members
from .scan import Crowd, Limits, count_keys, order, scan

Places = npt.NDArray[np.int64]


class Cluster(Struct):
    """Tenants (places in the table's order) that called keys join, and how.

    `chance` is the lowest of its keys, corrected for their number; `links` holds for each kind how many keys of it join how many
    tenants, `kinds` for each tenant the kinds of keys it has in common with others.
    """

    places: list[int]
    chance: float
    links: dict[str, tuple[int, int]]
    kinds: dict[int, tuple[str, ...]]


class _Called(Struct):
    """A key that is called, with the tenants under its cut."""

    kind: Kind
    chance: float
    places: Places


class _Sorted(Struct):
    """All keys of a kind in their order."""

    kind: Kind
    keys: npt.NDArray[np.uint64]
    places: Places
    p_values: npt.NDArray[np.float64]


def clusters(
    rows: "np.ndarray[Any, Any]", honest: npt.NDArray[np.bool_], floor: float, config: CampaignConfig
) -> list[Cluster]:
    """The clusters of an epoch, by their first member.

    `honest` are the tenants that others are compared with: all but those that were named before. `floor` is the p-value above
    which the table is not complete. Who is settled counts as one that is not odd, unless it is so by itself.
    """
    settled = (rows["requests"] >= config.settled_requests) & (rows["p_value"] > config.settled_p_value)
    p_values = np.where(settled, 1.0, rows["p_value"]) / floor
    crowd = np.sort(p_values[honest])
    below = np.searchsorted(crowd, p_values, side="right")
    held = [_sorted(rows, kind, p_values, config) for kind in KINDS]
    tried = sum(count_keys(one.keys, _least(one.kind, config)) for one in held)
    called = []
    for one in held:
        if len(one.keys):
            called += _called(
                one, Crowd(honest[one.places], below[one.places], len(crowd)), max(1, tried), floor, config
            )
    return _joined(called, len(rows))


def _least(kind: Kind, config: CampaignConfig) -> int:
    return config.least_templates if kind.content else config.least


def _sorted(
    rows: "np.ndarray[Any, Any]", kind: Kind, p_values: npt.NDArray[np.float64], config: CampaignConfig
) -> _Sorted:
    keys, places = members(rows, kind, _least(kind, config))
    by_key = order(keys, p_values[places])
    places = places[by_key]
    return _Sorted(kind, keys[by_key], places, p_values[places])


def _called(held: _Sorted, crowd: Crowd, tried: int, floor: float, config: CampaignConfig) -> list[_Called]:
    content = held.kind.content
    allowed = config.template_chance if content else config.chance
    most_p_value = config.template_p_value if content else config.most_p_value
    cuts, chances = np.zeros(len(held.keys), np.int64), np.zeros(len(held.keys))
    most_honest = config.template_honest_share if content else config.honest_share
    limits = Limits(_least(held.kind, config), most_p_value / floor, allowed / tried, most_honest)
    if not scan(held.keys, held.p_values, crowd, limits, cuts, chances):
        return []
    return [
        _Called(held.kind, float(chances[at]) * tried, held.places[at : cuts[at]])
        for at in np.flatnonzero(cuts).tolist()
    ]


def _joined(called: list[_Called], count: int) -> list[Cluster]:
    """Keys that share a tenant are of one cluster."""
    above = list(range(count))

    def root(place: int) -> int:
        while above[place] != place:
            above[place] = above[above[place]]
            place = above[place]
        return place

    for one in called:
        roots = {root(place) for place in one.places.tolist()}
        least = min(roots)
        for place in roots:
            above[place] = least
    by_root: dict[int, list[_Called]] = defaultdict(list)
    for one in called:
        by_root[root(int(one.places[0]))].append(one)
    return [_cluster(by_root[first]) for first in sorted(by_root) if _stands(by_root[first])]


def _stands(called: list[_Called]) -> bool:
    """Templates alone are no campaign: they may be a library's, whose users are alike. Beside a place or a card they join more."""
    return any(not one.kind.content for one in called)


def _cluster(called: list[_Called]) -> Cluster:
    kinds: dict[int, set[str]] = defaultdict(set)
    tenants: dict[str, set[int]] = defaultdict(set)
    keys: dict[str, int] = defaultdict(int)
    for one in called:
        keys[one.kind.name] += 1
        tenants[one.kind.name].update(one.places.tolist())
        for place in one.places.tolist():
            kinds[place].add(one.kind.name)
    return Cluster(
        places=sorted(kinds),
        chance=min(one.chance for one in called),
        links={name: (keys[name], len(tenants[name])) for name in sorted(keys)},
        kinds={place: tuple(sorted(names)) for place, names in kinds.items()},
    )
