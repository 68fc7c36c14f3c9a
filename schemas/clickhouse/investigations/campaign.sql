-- Question: Who belongs to a campaign, or to which campaigns does a tenant belong?
-- Parameter: campaign = '' : the campaign's uid (finding_info.uid of its alerts); empty takes every one
-- Parameter: tenant = '' : only campaigns that named this tenant; empty takes every one
-- Parameter: days = 30 : days before `until`
-- Parameter: until = NULL : end of the time asked about (UTC); the newest naming when unset
-- Parameter: limit = 1000 : rows at most
-- Result: a row a campaign and member named in that time, the campaign of the newest naming first; members is how many it has named in all
-- Cost: reads the members of every campaign
WITH
    coalesce({until:Nullable(DateTime64(3, 'UTC'))}, (SELECT max(named) FROM campaign_member_versions)) AS newest,
    newest - toIntervalDay({days:UInt16}) AS oldest
SELECT
    campaign_uid,
    members,
    tenant,
    subject,
    named,
    first,
    p_value,
    requests,
    output_tokens,
    arrayStringConcat(links, ', ') AS shared
FROM
(
    SELECT *, count() OVER (PARTITION BY campaign_uid) AS members, max(named) OVER (PARTITION BY campaign_uid) AS last_named
    FROM campaign_members
)
WHERE named BETWEEN oldest AND newest
    AND ({campaign:String} = '' OR campaign_uid = {campaign:String})
    AND ({tenant:String} = '' OR campaign_uid IN (SELECT campaign_uid FROM campaign_members WHERE tenant = {tenant:String}))
ORDER BY last_named DESC, campaign_uid, named, p_value, tenant, subject
LIMIT {limit:UInt32}
