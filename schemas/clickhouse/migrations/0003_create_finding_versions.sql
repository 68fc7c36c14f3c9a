-- Purpose: every line of every finding that the sink wrote (schemas/rows.py, FindingRow); query findings instead.
-- Key: line_uid; tenant, finding_uid and sequence are functions of it and stand first to find them fast.
-- Reasons are arrays of one length: has(reasons.feature, 'x') finds a feature.
-- Retention: a row goes retention_days after it was written; merges do it, so some hours late.
CREATE TABLE IF NOT EXISTS finding_versions
(
    line_uid String,
    finding_uid String,
    sequence UInt32,
    activity Enum8('Create' = 1, 'Update' = 2, 'Close' = 3),
    tenant String,
    subject String,
    severity Enum8('Informational' = 1, 'Low' = 2, 'Medium' = 3, 'High' = 4, 'Critical' = 5),
    risk Float64,
    confidence Float64,
    time DateTime64(3, 'UTC'),
    opened DateTime64(3, 'UTC'),
    first_suspect DateTime64(3, 'UTC'),
    last_suspect DateTime64(3, 'UTC'),
    requests UInt64,
    output_tokens UInt64,
    model String,
    reasons Nested
    (
        detector LowCardinality(String),
        feature LowCardinality(String),
        unit LowCardinality(String),
        observed Float64,
        own_expected Nullable(Float64),
        peers_low Float64,
        peers_high Float64,
        p_value Float64,
        contribution Float64
    ),
    code_version LowCardinality(String),
    model_version LowCardinality(String),
    reference_version LowCardinality(String),
    source_partition UInt32,
    version UInt64,
    retention_days UInt16,
    inserted_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(opened)
ORDER BY (tenant, finding_uid, sequence, line_uid)
TTL inserted_at + toIntervalDay(retention_days) DELETE
SETTINGS non_replicated_deduplication_window = 1000
