-- Question: How high did the level of each tenant go each day, in each peer group it was in?
-- Parameter: references = '' : only windows judged by the tables of this version; empty takes every one
-- Parameter: days = 14 : days before `until`
-- Parameter: until = NULL : end of the time asked about (UTC); the newest window when unset
-- Parameter: tenants = 20000 : of more tenants than these about so many are taken, evenly
-- Parameter: limit = 1000000 : rows at most
-- Result: a row a tenant, subject, day (days since 1970) and peer group, declared evaluators left out; one tenant in `every` was taken
-- Cost: reads the windows of the days asked about, twice
WITH
    coalesce({until:Nullable(DateTime64(3, 'UTC'))}, (SELECT max(window_start) FROM tenant_window_versions)) AS newest,
    newest - toIntervalDay({days:UInt16}) AS oldest,
    (
        SELECT toUInt64(greatest(1, ceil(uniq(tenant) / greatest(1, {tenants:UInt32}))))
        FROM tenant_window_versions
        WHERE window_start BETWEEN oldest AND newest
    ) AS one_in
SELECT tenant, subject, intDiv(toUnixTimestamp(window_start), 86400) AS day, peer_group, max(level) AS highest, any(one_in) AS every
FROM tenant_windows
WHERE window_start BETWEEN oldest AND newest
    AND peer_group NOT IN ('', 'declared')
    AND ({references:String} = '' OR reference_version = {references:String})
    AND cityHash64(tenant) % one_in = 0
GROUP BY tenant, subject, day, peer_group
ORDER BY tenant, subject, day, peer_group
LIMIT {limit:UInt32}
