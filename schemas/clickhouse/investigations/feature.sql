-- Question: In which findings did a feature move the risk, and how far was it from usual?
-- Parameter: feature = '' : the feature; empty takes every one
-- Parameter: tenant = '' : only this tenant; empty takes every one
-- Parameter: severity = 'Informational' : least severity: Informational, Low, Medium, High or Critical
-- Parameter: days = 30 : days before `until`
-- Parameter: until = NULL : end of the time asked about (UTC); the newest line of a finding when unset
-- Parameter: limit = 100 : rows at most
-- Result: a row a finding and feature, as the last line that names it says; the least probable first
-- Cost: reads the findings of the time asked about
WITH
    coalesce({until:Nullable(DateTime64(3, 'UTC'))}, (SELECT max(time) FROM finding_versions)) AS newest,
    newest - toIntervalDay({days:UInt16}) AS oldest
SELECT
    tenant,
    subject,
    finding_uid,
    toString(level) AS severity,
    risk,
    time,
    feature,
    detector,
    observed,
    unit,
    own_expected,
    peers_low,
    peers_high,
    p_value,
    contribution
FROM
(
    SELECT
        tenant,
        subject,
        finding_uid,
        severity AS level,
        risk,
        time,
        `reasons.feature` AS feature,
        `reasons.detector` AS detector,
        `reasons.observed` AS observed,
        `reasons.unit` AS unit,
        `reasons.own_expected` AS own_expected,
        `reasons.peers_low` AS peers_low,
        `reasons.peers_high` AS peers_high,
        `reasons.p_value` AS p_value,
        `reasons.contribution` AS contribution
    FROM findings
    ARRAY JOIN
        reasons.detector, reasons.feature, reasons.unit, reasons.observed, reasons.own_expected, reasons.peers_low,
        reasons.peers_high, reasons.p_value, reasons.contribution
    WHERE time BETWEEN oldest AND newest
        AND ({tenant:String} = '' OR tenant = {tenant:String})
        AND ({feature:String} = '' OR `reasons.feature` = {feature:String})
    ORDER BY sequence DESC
    LIMIT 1 BY tenant, finding_uid, feature
)
WHERE level >= {severity:Enum8('Informational' = 1, 'Low' = 2, 'Medium' = 3, 'High' = 4, 'Critical' = 5)}
ORDER BY p_value, tenant, finding_uid, feature
LIMIT {limit:UInt32}
