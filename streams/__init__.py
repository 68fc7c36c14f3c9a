"""The world: Kafka, ClickHouse, files and people around the judgement."""
