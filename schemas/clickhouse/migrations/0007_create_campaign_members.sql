-- Purpose: every tenant that a campaign has named, each once: alerts name a hundred at most a line, here are all of them.
CREATE OR REPLACE VIEW campaign_members AS
SELECT * EXCEPT (retention_days)
FROM campaign_member_versions FINAL
