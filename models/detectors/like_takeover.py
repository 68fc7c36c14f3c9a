"""Like a takeover: a harvest through a tenant that was, or still is, honest."""

from .playbook import playbook

DETECTOR = playbook("like_takeover", "resembles known harvests inside honest tenants", kinds=("diluted", "pivot"))
