-- Purpose: every version of every tenant window that the sink wrote (schemas/rows.py, TenantWindow); query tenant_windows instead.
-- Key: (tenant, subject, window_start, source_partition); the highest version is the whole truth about it.
-- Retention: a row goes retention_days after it was written, whatever its event time; merges do it, so some hours late.
-- The insert tokens of the last 1,000 blocks are remembered: a block that is sent again is dropped.
CREATE TABLE IF NOT EXISTS tenant_window_versions
(
    tenant String,
    subject String,
    window_start DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    window_ms UInt32,
    source_partition UInt32,
    version UInt64,
    requests UInt64,
    late_events UInt64,
    refusals UInt64,
    errors UInt64,
    prompts UInt64,
    prompt_characters UInt64,
    input_tokens UInt64,
    output_tokens UInt64,
    reasoning_tokens UInt64,
    cached_tokens UInt64,
    logprob_requests UInt64,
    reasoning_requests UInt64,
    tool_requests UInt64,
    multi_sample_requests UInt64,
    distinct_prompts Float64,
    distinct_templates Float64,
    distinct_addresses Float64,
    distinct_keys Float64,
    distinct_accounts Float64,
    distinct_models Float64,
    folds UInt64,
    risk Float64,
    suspect Bool,
    scores Map(LowCardinality(String), Float64),
    code_version LowCardinality(String),
    model_version LowCardinality(String),
    reference_version LowCardinality(String),
    retention_days UInt16,
    inserted_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(window_start)
ORDER BY (tenant, subject, window_start, source_partition)
TTL inserted_at + toIntervalDay(retention_days) DELETE
SETTINGS non_replicated_deduplication_window = 1000
