-- Purpose: every line of every finding as the alerts said it, each once; with the columns that 0008, 0013 and 0020 added.
CREATE OR REPLACE VIEW findings AS
SELECT * EXCEPT (retention_days)
FROM finding_versions FINAL
