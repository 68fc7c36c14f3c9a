-- Question: Which templates do the prompts of suspect tenants have, and who shares each?
-- Parameter: uid = '' : only this template (unmapped.templates[].uid of an alert); empty takes every one
-- Parameter: word = '' : only templates that show this word; empty takes every one
-- Parameter: days = 30 : days before `until`
-- Parameter: until = NULL : end of the time asked about (UTC); the newest line of a finding when unset
-- Parameter: limit = 100 : rows at most
-- Result: a row a template, that of the most tenants first; share is the greatest of recent prompts, tenants are named up to twenty
-- Cost: reads the findings of the time asked about
WITH
    coalesce({until:Nullable(DateTime64(3, 'UTC'))}, (SELECT max(time) FROM finding_versions)) AS newest,
    newest - toIntervalDay({days:UInt16}) AS oldest
SELECT
    template AS uid,
    any(shown) AS skeleton,
    uniqExact(tenant) AS tenants,
    max(part) AS share,
    min(first_suspect) AS first_seen,
    max(last_suspect) AS last_seen,
    arraySort(groupUniqArray(20)(tenant)) AS names
FROM
(
    SELECT
        tenant,
        first_suspect,
        last_suspect,
        `templates.uid` AS template,
        `templates.skeleton` AS shown,
        `templates.share` AS part
    FROM findings
    ARRAY JOIN templates.uid, templates.skeleton, templates.share
    WHERE time BETWEEN oldest AND newest
        AND `templates.uid` != ''
        AND ({uid:String} = '' OR `templates.uid` = {uid:String})
        AND ({word:String} = '' OR has(splitByChar(' ', `templates.skeleton`), lower({word:String})))
)
GROUP BY template
ORDER BY tenants DESC, share DESC, uid
LIMIT {limit:UInt32}
