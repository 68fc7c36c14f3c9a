"""Like reward grading: the model as a judge for the training of another."""

from .playbook import playbook

DETECTOR = playbook("like_grading", "resembles known reward grading", kinds=("reward_grading",))
