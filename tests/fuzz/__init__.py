"""Hostile records against the decoder and the judgement: `records` makes them, `judging` says what must hold.

`tests/streams/test_hostile.py` draws them with Hypothesis; `python -m tests.fuzz` lets atheris search for others.
"""
