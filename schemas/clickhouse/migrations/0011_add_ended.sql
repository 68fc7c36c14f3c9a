-- Purpose: how a Close came about: empty by quiet, adopted when the new behaviour was taken for normal; empty in rows that are older than this column.
ALTER TABLE finding_versions ADD COLUMN IF NOT EXISTS ended LowCardinality(String) AFTER model
