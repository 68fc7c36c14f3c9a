-- Question: What did one tenant do over time, and what was found?
-- Parameter: tenant = '' : the tenant; empty takes the one with the highest risk in the time asked about
-- Parameter: days = 30 : days before `until`
-- Parameter: until = NULL : end of the time asked about (UTC); the newest window or finding when unset
-- Parameter: limit = 500 : rows at most, the newest ones
-- Result: a row a window and a row a line of a finding, in order of time; detectors are those of the lowest p-values, or the reasons
-- Cost: reads one tenant's windows by key; finding the newest time reads one column of every window
WITH
    coalesce({until:Nullable(DateTime64(3, 'UTC'))}, greatest((SELECT max(window_start) FROM tenant_window_versions), (SELECT max(time) FROM finding_versions))) AS newest,
    newest - toIntervalDay({days:UInt16}) AS oldest,
    if({tenant:String} = '', (SELECT argMax(tenant, risk) FROM tenant_windows WHERE window_start BETWEEN oldest AND newest), {tenant:String}) AS who
SELECT tenant, subject, time, what, severity, risk, requests, output_tokens, distinct_prompts, signs
FROM
(
    SELECT
        tenant,
        subject,
        window_start AS time,
        'window' AS what,
        if(suspect, 'suspect', '') AS severity,
        risk,
        requests,
        output_tokens,
        toNullable(round(distinct_prompts)) AS distinct_prompts,
        arrayStringConcat(arraySlice(arraySort(detector -> scores[detector], mapKeys(scores)), 1, 3), ', ') AS signs
    FROM tenant_windows
    WHERE tenant = who AND window_start BETWEEN oldest AND newest
    UNION ALL
    SELECT
        tenant,
        subject,
        time,
        concat('finding ', lower(toString(activity))) AS what,
        toString(severity) AS severity,
        risk,
        requests,
        output_tokens,
        NULL AS distinct_prompts,
        arrayStringConcat(arraySlice(reasons.feature, 1, 3), ', ') AS signs
    FROM findings
    WHERE tenant = who AND time BETWEEN oldest AND newest
    ORDER BY time DESC, what DESC
    LIMIT {limit:UInt32}
)
ORDER BY time, what DESC, subject
