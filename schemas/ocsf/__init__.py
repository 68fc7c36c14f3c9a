"""A finding as the SOC reads it: OCSF Detection Finding (class 2004), one bare JSON object a Kafka record.

Only the part of the class that is valid from OCSF 1.5.0 on is used, and `SCHEMA` (JSON Schema 2020-12) says exactly
which. Where what is said goes:

    what                                     where in the event
    ---------------------------------------  ----------------------------------------------------------------
    this line, the same for a repetition     metadata.uid; its place in the finding's life: metadata.sequence
    the finding                              finding_info.uid
    opened, updated, closed                  activity_id 1, 2, 3; status_id 1, 2, 4; is_alert on the first only
    the tenant                               metadata.tenant_uid, and the resource of type "Tenant"
    how sure, how bad                        confidence_score, risk_score (0 to 100), severity_id
    observed against expected, by reason     anomaly_analyses: baselines OWN_BASELINE and PEERS_5TH_TO_95TH
    unit, detector, p-value, share           unmapped.reasons, in the same order
    versions of code, model and references   unmapped.versions

A line of a campaign differs (`CAMPAIGN_SCHEMA`):

    what                                     where in the event
    ---------------------------------------  ----------------------------------------------------------------
    the tenants that this line names         resources of type "Tenant", each with its evidence in `data`
    how many were named so far               unmapped.members
    what joins them                          unmapped.links
    how often chance joins so many           unmapped.chance; confidence_score is 100 less
    how bad                                  severity_id: Medium, High from 10 members, Critical from 100
    whether all partitions were heard        unmapped.complete
    the campaign that took over              unmapped.merged_into, on a Close

Lines about the line itself, `schemas.ocsf.health`, have schemas too: `CANARY_SCHEMA` and `BLINDNESS_SCHEMA`.

Nothing in a finding is processing time: the same finding is the same bytes, whenever it is said.
"""

from schemas.ocsf.alerts import alert
from schemas.ocsf.detection_finding import MAX_ALERT_BYTES, OCSF_VERSION
from schemas.ocsf.envelope import headers, key
from schemas.ocsf.schema import BLINDNESS_SCHEMA, CAMPAIGN_SCHEMA, CANARY_SCHEMA, SCHEMA

__all__ = [
    "BLINDNESS_SCHEMA",
    "CAMPAIGN_SCHEMA",
    "CANARY_SCHEMA",
    "MAX_ALERT_BYTES",
    "OCSF_VERSION",
    "SCHEMA",
    "alert",
    "headers",
    "key",
]
