-- Purpose: each finding once, as its last line left it; it is open unless that line is a Close. With the columns of 0008, 0013 and 0020.
CREATE OR REPLACE VIEW finding_latest AS
SELECT *, toBool(activity != 'Close') AS is_open
FROM findings
ORDER BY tenant, finding_uid, sequence DESC, time DESC
LIMIT 1 BY tenant, finding_uid
