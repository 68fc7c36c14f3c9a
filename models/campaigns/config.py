"""The numbers of the search for campaigns."""

from msgspec import Struct

from models.config import HOUR_MS


class CampaignConfig(Struct, frozen=True, kw_only=True):
    """Times in event-time milliseconds.

    Campaigns are searched for every `epoch_ms`. A signal counts for `expiry_ms`; a campaign closes `quiet_ms` after the newest signal
    that supports it, and `quiet_ms` is not shorter, or what has closed would open again at once. A key is called when so much
    evidence meets at any key of an epoch by chance at most in the share `chance` of all epochs, once in some forty days (`template_chance`:
    keys of templates alone, which only add to what a place or a card joins, since a template's users are alike: of the honest tenants
    that they joined to an operator's thousand accounts nearly all met there by more than 1e-7, of the others three in four by less
    than 2e-8), with at least `least` members
    (`least_templates`). A tenant with a p-value above
    `most_p_value` joins nothing, and a key joins no more tenants than it can while honest ones are at most `honest_share` of them
    (`template_honest_share`: keys of templates alone), as the key's tenants that are not odd tell: of an operator's thousand accounts
    one in a hundred stays out by it, of the honest tenants that were named with them one in three (chosen on two seeds). A
    campaign makes one of many hints that are weak because accounts are young; a tenant's of `settled_requests` is not, so such a
    tenant joins with a p-value of `settled_p_value` at most: of 24 honest tenants that were joined on four seeds nine are left by it, of
    an operator's thousand accounts 90% are named instead of 96%, and of other campaigns all. A
    partition that is `idle_ms` behind the foremost one is not waited for. At most `most_tenants` are held: those that expired go first,
    then those with the highest p-values.
    """

    epoch_ms: int = HOUR_MS
    expiry_ms: int = 24 * HOUR_MS
    quiet_ms: int = 24 * HOUR_MS
    idle_ms: int = 6 * HOUR_MS
    chance: float = 0.001
    template_chance: float = 1e-9
    honest_share: float = 0.1
    template_honest_share: float = 0.03
    least: int = 3
    least_templates: int = 5
    most_p_value: float = 0.6
    template_p_value: float = 0.6
    settled_requests: int = 100
    settled_p_value: float = 0.05
    most_tenants: int = 1_000_000
