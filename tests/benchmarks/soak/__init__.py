"""The soak: half of what a worker can take, a fault every minute, and at the end nothing lost, doubled or different.

`traffic` makes the records, `faults` are the verbs that disturb the line, `run` sends, disturbs and measures, `report` says what came
of it.
"""
