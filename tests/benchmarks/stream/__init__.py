"""What a worker costs on a real Kafka, beside what else one might run: `deploy/benchmark stream`.

`content` is the traffic, `ground` the broker and the ClickHouse engine, `process` a program under measurement, `runner` the programs
(`jobs/` and our worker). `saturated`, `latency`, `scale` and `load` each answer one question about them; `report` and `page` tell it.
"""
