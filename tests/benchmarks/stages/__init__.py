"""What each stage of a worker costs alone, on a frozen workload: `deploy/benchmark stages`.

`workload` is what they work on, always the same bytes; `stages` are the pieces of work; `timing` repeats them in turn.

What was slow, and what was done about it: decoding into dictionaries cost two and a half times as much as into msgspec's structs;
an object of River for each statistic of a tenant cost 4 us an update, arrays updated once a fold do it for all of them; the loops over
words and trees were half of the judgement until numba compiled them; a future for each record cost 18 to 285 us to send, whole batches
cost 4 (`streams/batches.py`); and delivery by the record cost more than all the rest together (`streams/delivery/`).
"""
