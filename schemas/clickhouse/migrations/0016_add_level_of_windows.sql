-- Purpose: the highest level (log-odds) of a window's folds before any calibration, and the peer group that the tenant was in then; empty in
-- windows without a fold and in rows that are older than these columns.
ALTER TABLE tenant_window_versions
    ADD COLUMN IF NOT EXISTS level Float64 AFTER scores,
    ADD COLUMN IF NOT EXISTS peer_group LowCardinality(String) AFTER level
