-- Purpose: every tenant that a campaign has named, as the sink wrote it (schemas/rows.py, CampaignMemberRow); query campaign_members instead.
-- Key: (campaign_uid, tenant, subject); a member is named once, and a repetition of its row is equal.
-- named is the epoch at which the campaign named it, first its first request, p_value how often an honest tenant-day looks so odd.
-- Retention: a row goes retention_days after it was written; merges do it, so some hours late.
CREATE TABLE IF NOT EXISTS campaign_member_versions
(
    campaign_uid String,
    tenant String,
    subject String,
    named DateTime64(3, 'UTC'),
    first DateTime64(3, 'UTC'),
    p_value Float64,
    requests UInt64,
    output_tokens UInt64,
    links Array(LowCardinality(String)),
    code_version LowCardinality(String),
    model_version LowCardinality(String),
    reference_version LowCardinality(String),
    version UInt64,
    retention_days UInt16,
    inserted_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(named)
ORDER BY (campaign_uid, tenant, subject)
TTL inserted_at + toIntervalDay(retention_days) DELETE
SETTINGS non_replicated_deduplication_window = 1000
