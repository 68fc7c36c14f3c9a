"""Size: how long the questions are, how long the answers, and how much of the one is had for the other."""

from models.profile import Profile

from .feature import Feature, share


def characters(profile: Profile) -> float:
    """Mean logarithm of the prompts' lengths."""
    return profile.fold.characters.mean


def characters_spread(profile: Profile) -> float:
    """Spread of the logarithms of the prompts' lengths."""
    return profile.fold.characters.spread


def output(profile: Profile) -> float:
    """Mean logarithm of the answers' tokens."""
    return profile.fold.output.mean


def output_spread(profile: Profile) -> float:
    """Spread of the logarithms of the answers' tokens."""
    return profile.fold.output.spread


def expansion(profile: Profile) -> float:
    """Mean logarithm of tokens out over tokens in."""
    return profile.fold.expansion.mean


def cut(profile: Profile) -> float:
    """Share of answers that ended at the cap."""
    return share(profile.fold.cut, profile.fold.responses)


FEATURES = (
    Feature(
        name="characters",
        unit="log2 characters",
        low=0,
        high=20,
        grain=0.3,
        suspicious=0,
        cost_us=0.3,
        held_bytes=43,
        meaning="length of prompts, geometric mean",
        measure=characters,
    ),
    Feature(
        name="characters_spread",
        unit="log2 characters, standard deviation",
        low=0,
        high=8,
        grain=0.15,
        suspicious=-1,
        cost_us=0.3,
        held_bytes=24,
        meaning="how much prompts differ in length",
        measure=characters_spread,
    ),
    Feature(
        name="output",
        unit="log2 tokens",
        low=0,
        high=20,
        grain=0.3,
        suspicious=1,
        cost_us=0.3,
        held_bytes=43,
        meaning="length of answers, geometric mean",
        measure=output,
    ),
    Feature(
        name="output_spread",
        unit="log2 tokens, standard deviation",
        low=0,
        high=8,
        grain=0.15,
        suspicious=-1,
        cost_us=0.3,
        held_bytes=24,
        meaning="how much answers differ in length",
        measure=output_spread,
    ),
    Feature(
        name="expansion",
        unit="log2 tokens out/in",
        low=-20,
        high=20,
        grain=0.3,
        suspicious=1,
        cost_us=0.3,
        held_bytes=43,
        meaning="tokens of answer had for a token of prompt, geometric mean",
        measure=expansion,
    ),
    Feature(
        name="cut",
        unit="share",
        low=0,
        high=1,
        grain=0.05,
        suspicious=1,
        cost_us=0.3,
        held_bytes=25,
        meaning="answers that ended at the caller's cap",
        measure=cut,
    ),
)
