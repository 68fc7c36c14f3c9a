"""Like probing: questions at the edge of what the model will answer."""

from .playbook import playbook

DETECTOR = playbook("like_probing", "resembles known probing of boundaries", kinds=("boundary_probe",))
