"""Corpora that no shipped table has seen, from packages that carry prompts: an evaluation folder with other texts in every role."""
