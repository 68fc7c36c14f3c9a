-- Purpose: the number of the control record that a line of a finding rests on; 0 without one, and in rows that are older than this column.
ALTER TABLE finding_versions ADD COLUMN IF NOT EXISTS control_version UInt64 AFTER reference_version
