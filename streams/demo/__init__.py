"""The whole line on one machine: engines, worker, traffic, alerts as they come, and the sums at the end."""

from streams.demo.demo import Demo, Summary

__all__ = ["Demo", "Summary"]
