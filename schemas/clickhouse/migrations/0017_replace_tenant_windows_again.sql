-- Purpose: a tenant's behaviour in each event-time window, one row a key: the newest version. With the columns that 0016 added.
-- The partition of a key never changes (it is a function of window_start), so FINAL needs no merging across partitions.
CREATE OR REPLACE VIEW tenant_windows AS
SELECT * EXCEPT (retention_days)
FROM tenant_window_versions FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1
