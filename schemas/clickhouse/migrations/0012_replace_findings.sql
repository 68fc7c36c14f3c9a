-- Purpose: every line of every finding as the alerts said it, each once; with the column that 0011 added.
CREATE OR REPLACE VIEW findings AS
SELECT * EXCEPT (retention_days)
FROM finding_versions FINAL
