"""Parameters: what the caller asks the model to give beyond words, and how constant it is in asking."""

from models.profile import Profile

from .feature import Feature, share, unknown


def logprobs(profile: Profile) -> float:
    """Share of requests for log-probabilities."""
    return share(profile.fold.logprobs, profile.fold.described)


def samples(profile: Profile) -> float:
    """Share of requests for more than one answer."""
    return share(profile.fold.samples, profile.fold.described)


def reasoning(profile: Profile) -> float:
    """Share of requests with reasoning."""
    return share(profile.fold.reasoning, profile.fold.described)


def small_caps(profile: Profile) -> float:
    """Share of requests that cap the answer at 64 tokens or fewer."""
    return share(profile.fold.small_caps, profile.fold.described)


def large_caps(profile: Profile) -> float:
    """Share of requests that allow 2,048 tokens or more by name."""
    return share(profile.fold.large_caps, profile.fold.described)


def plain(profile: Profile) -> float:
    """Share of requests with neither system prompt nor tools."""
    return share(profile.fold.plain, profile.fold.described)


def single(profile: Profile) -> float:
    """Share of requests that continue no conversation; requests outside any conversation continue none."""
    fold = profile.fold
    return share(fold.requests - fold.continued, fold.requests)


def new_manners(profile: Profile) -> float:
    """Share of requests made in a manner not known of the tenant."""
    return unknown(profile.fold.manners, profile.known.manners)


def manner_top(profile: Profile) -> float:
    """Share of the fold's most frequent manner."""
    manners = profile.fold.manners
    return share(max(manners.values(), default=0), sum(manners.values()))


def new_models(profile: Profile) -> float:
    """Share of requests to a model not known of the tenant."""
    return unknown(profile.fold.models, profile.known.models)


FEATURES = (
    Feature(
        name="logprobs",
        unit="share",
        low=0,
        high=1,
        grain=0.1,
        suspicious=1,
        cost_us=0.3,
        held_bytes=25,
        meaning="requests for log-probabilities",
        measure=logprobs,
    ),
    Feature(
        name="samples",
        unit="share",
        low=0,
        high=1,
        grain=0.1,
        suspicious=1,
        cost_us=0.3,
        held_bytes=25,
        meaning="requests for several answers to one prompt",
        measure=samples,
    ),
    Feature(
        name="reasoning",
        unit="share",
        low=0,
        high=1,
        grain=0.1,
        suspicious=1,
        cost_us=0.3,
        held_bytes=25,
        meaning="requests with reasoning switched on",
        measure=reasoning,
    ),
    Feature(
        name="small_caps",
        unit="share",
        low=0,
        high=1,
        grain=0.1,
        suspicious=1,
        cost_us=0.3,
        held_bytes=25,
        meaning="requests that allow an answer of 64 tokens or fewer",
        measure=small_caps,
    ),
    Feature(
        name="large_caps",
        unit="share",
        low=0,
        high=1,
        grain=0.1,
        suspicious=1,
        cost_us=0.3,
        held_bytes=25,
        meaning="requests that allow an answer of 2,048 tokens or more by name",
        measure=large_caps,
    ),
    Feature(
        name="plain",
        unit="share",
        low=0,
        high=1,
        grain=0.1,
        suspicious=1,
        cost_us=0.3,
        held_bytes=25,
        meaning="requests with neither system prompt nor tools",
        measure=plain,
    ),
    Feature(
        name="single",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.3,
        held_bytes=134,
        meaning="requests that continue no conversation",
        measure=single,
    ),
    Feature(
        name="new_manners",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.8,
        held_bytes=112,
        meaning="requests with settings and system prompt unknown of the tenant",
        measure=new_manners,
    ),
    Feature(
        name="manner_top",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=1.5,
        held_bytes=24,
        meaning="requests made in the fold's most frequent manner",
        measure=manner_top,
    ),
    Feature(
        name="new_models",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.8,
        held_bytes=68,
        meaning="requests to a model unknown of the tenant",
        measure=new_models,
    ),
)
