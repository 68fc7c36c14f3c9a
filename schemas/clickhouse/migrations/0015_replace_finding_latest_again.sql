-- Purpose: each finding once, as its last line left it; it is open unless that line is a Close. With the columns that 0008 and 0013 added.
CREATE OR REPLACE VIEW finding_latest AS
SELECT *, toBool(activity != 'Close') AS is_open
FROM findings
ORDER BY tenant, finding_uid, sequence DESC, time DESC
LIMIT 1 BY tenant, finding_uid
