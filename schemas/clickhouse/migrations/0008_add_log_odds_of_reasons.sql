-- Purpose: how far the log-odds of a fold would fall without a reason's feature; 0 in rows that are older than this column.
ALTER TABLE finding_versions ADD COLUMN IF NOT EXISTS `reasons.log_odds` Array(Float64) AFTER `reasons.contribution`
