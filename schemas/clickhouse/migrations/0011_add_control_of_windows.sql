-- Purpose: the number of the control record that a window was judged by last; 0 without one, and in rows that are older than this column.
ALTER TABLE tenant_window_versions ADD COLUMN IF NOT EXISTS control_version UInt64 AFTER reference_version
