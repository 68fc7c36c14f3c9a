"""Like a harvest of log-probabilities."""

from .playbook import playbook

DETECTOR = playbook("like_logprobs", "resembles known harvests of log-probabilities", kinds=("logprob_harvest",))
