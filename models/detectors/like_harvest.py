"""Like a harvest: training pairs drawn in bulk, slowly, by ramps or by many small accounts."""

from .playbook import playbook

DETECTOR = playbook(
    "like_harvest", "resembles known harvests of training pairs", kinds=("bulk_distil", "low_and_slow", "ramp", "hydra")
)
