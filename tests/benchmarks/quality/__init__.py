"""Quality of detection: labelled traffic is made at run time, judged by `distillwatch backtest`, scored, and told in tables.

The journey of a seed: `traffic` makes it (the composer of the evaluation folder, or our simulator), `variants` rewrites it
(shuffled, without prompts), `process` runs the judgement and takes its CPU time, `findings` reads who was named when,
`scoring` holds that against the labels, `figures` makes shares of it. `benchmark` does so for every seed; `trust` and `budget`
are questions asked of all seeds together; `report` lays everything out, `page` prints it. `sweeps/` asks what evasion costs.

Composed and simulated traffic is not real traffic: every page says so.
"""
