-- Purpose: the requests that a finding points at, by how they call (so many of the suspect fold's `of`, which has so many manners; null is not
-- told, all zero without them), and what the tenant's prompts have in common: skeletons in common words, arrays of one length, the heaviest first.
ALTER TABLE finding_versions
    ADD COLUMN IF NOT EXISTS sub_stream_requests UInt32,
    ADD COLUMN IF NOT EXISTS sub_stream_of UInt32,
    ADD COLUMN IF NOT EXISTS sub_stream_manners UInt32,
    ADD COLUMN IF NOT EXISTS sub_stream_known Nullable(Bool),
    ADD COLUMN IF NOT EXISTS sub_stream_system_prompt Nullable(Bool),
    ADD COLUMN IF NOT EXISTS sub_stream_tools Nullable(Bool),
    ADD COLUMN IF NOT EXISTS sub_stream_reasoning Nullable(Bool),
    ADD COLUMN IF NOT EXISTS sub_stream_logprobs Nullable(Bool),
    ADD COLUMN IF NOT EXISTS sub_stream_samples Nullable(Bool),
    ADD COLUMN IF NOT EXISTS sub_stream_temperature Nullable(String),
    ADD COLUMN IF NOT EXISTS sub_stream_model String,
    ADD COLUMN IF NOT EXISTS sub_stream_new_model Bool,
    ADD COLUMN IF NOT EXISTS `templates.edge` Array(LowCardinality(String)),
    ADD COLUMN IF NOT EXISTS `templates.share` Array(Float64),
    ADD COLUMN IF NOT EXISTS `templates.requests` Array(UInt64),
    ADD COLUMN IF NOT EXISTS `templates.uid` Array(String),
    ADD COLUMN IF NOT EXISTS `templates.skeleton` Array(String)
