"""Honest tenants. A new kind is one function that takes a scene, and its row here; most are the twin of an attack."""

from streams.simulation.honest.checks import benchmark, classifier, red_team, support_judge
from streams.simulation.honest.people import campus, chat_app, developer, growing_app, tutoring
from streams.simulation.honest.programs import agent, migrating_app, nightly_batch, sample_data_team, template_app
from streams.simulation.kinds import Kind

__all__ = ["HONEST"]

HONEST = tuple(
    Kind(make.__name__, make, "benign", weight)
    for make, weight in (
        (chat_app, 10),
        (developer, 10),
        (template_app, 6),
        (nightly_batch, 3),
        (tutoring, 3),
        (agent, 4),
        (support_judge, 2),
        (classifier, 2),
        (growing_app, 2),
        (migrating_app, 2),
        (sample_data_team, 2),
        (benchmark, 1),
        (red_team, 1),
        (campus, 1),
    )
)
