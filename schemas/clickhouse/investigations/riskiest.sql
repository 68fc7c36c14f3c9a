-- Question: Which tenants reached the highest risk lately, and what is open against them?
-- Parameter: days = 7 : days before `until`
-- Parameter: until = NULL : end of the time asked about (UTC); the newest window when unset
-- Parameter: limit = 20 : tenants at most
-- Result: a row a tenant and subject, the highest risk first; open findings are those not closed at the end of that time
-- Cost: reads the windows of the months asked about, and every finding
WITH
    coalesce({until:Nullable(DateTime64(3, 'UTC'))}, (SELECT max(window_start) FROM tenant_window_versions)) AS newest,
    newest - toIntervalDay({days:UInt16}) AS oldest
SELECT
    windows.tenant AS tenant,
    windows.subject AS subject,
    windows.highest_risk AS highest_risk,
    windows.riskiest_window AS riskiest_window,
    windows.suspect_windows AS suspect_windows,
    windows.all_windows AS windows,
    windows.requests AS requests,
    windows.output_tokens AS output_tokens,
    found.severity AS worst_open,
    found.uids AS open_findings
FROM
(
    SELECT
        tenant,
        subject,
        max(risk) AS highest_risk,
        argMax(window_start, risk) AS riskiest_window,
        countIf(suspect) AS suspect_windows,
        count() AS all_windows,
        sum(requests) AS requests,
        sum(output_tokens) AS output_tokens
    FROM tenant_windows
    WHERE window_start BETWEEN oldest AND newest
    GROUP BY tenant, subject
    ORDER BY highest_risk DESC, output_tokens DESC, tenant, subject
    LIMIT {limit:UInt32}
) AS windows
LEFT JOIN
(
    SELECT tenant, subject, toString(max(last_severity)) AS severity, arraySort(groupArray(finding_uid)) AS uids
    FROM
    (
        SELECT tenant, subject, finding_uid, argMax(severity, sequence) AS last_severity, argMax(activity, sequence) AS last_activity
        FROM findings
        -- a line may be as late as the end of the newest window
        WHERE {until:Nullable(DateTime64(3, 'UTC'))} IS NULL OR time <= newest
        GROUP BY tenant, subject, finding_uid
        HAVING last_activity != 'Close'
    )
    GROUP BY tenant, subject
) AS found
ON windows.tenant = found.tenant AND windows.subject = found.subject
ORDER BY highest_risk DESC, output_tokens DESC, tenant, subject
