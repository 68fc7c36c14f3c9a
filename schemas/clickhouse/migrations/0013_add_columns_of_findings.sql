-- Purpose: the number of the control record that a line of a finding rests on (0 without one), how a Close came about (empty by quiet,
-- adopted when the new behaviour was taken for normal), and what the feature of each reason is. Older rows have none of them.
ALTER TABLE finding_versions
    ADD COLUMN IF NOT EXISTS control_version UInt64 AFTER reference_version,
    ADD COLUMN IF NOT EXISTS ended LowCardinality(String) AFTER model,
    ADD COLUMN IF NOT EXISTS `reasons.meaning` Array(LowCardinality(String))
