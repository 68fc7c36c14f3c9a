-- Purpose: every line of every finding as the alerts said it, each once.
CREATE OR REPLACE VIEW findings AS
SELECT * EXCEPT (retention_days)
FROM finding_versions FINAL
