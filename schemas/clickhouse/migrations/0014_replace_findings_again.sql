-- Purpose: every line of every finding as the alerts said it, each once; with the columns that 0008 and 0013 added.
CREATE OR REPLACE VIEW findings AS
SELECT * EXCEPT (retention_days)
FROM finding_versions FINAL
