"""What the SOC gets for a line of a finding, whoever it is about."""

from schemas.campaign import CampaignFinding
from schemas.finding import Finding
from schemas.ocsf.campaign_finding import campaign_alert
from schemas.ocsf.detection_finding import tenant_alert


def alert(finding: Finding | CampaignFinding) -> bytes:
    """The line as one JSON object of less than 10,000 bytes; the same line gives the same bytes."""
    return tenant_alert(finding) if isinstance(finding, Finding) else campaign_alert(finding)
