"""Like a capability grid: every task in turn."""

from .playbook import playbook

DETECTOR = playbook("like_grid", "resembles known walks over all capabilities", kinds=("capability_grid",))
