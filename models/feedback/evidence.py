"""Evidence: what spoke against a tenant, in log-odds by family of features."""

from collections.abc import Iterable

from models.features import FAMILIES

Evidence = dict[str, float]

FAMILY_OF: dict[str, str] = {
    feature.name: family.__name__.rpartition(".")[2] for family in FAMILIES for feature in family.FEATURES
}
#: What every finding has, so that verdicts can say of all of them that they are too many, or too few.
ALWAYS = "always"
#: Log-odds of one family are told in these bounds: one family alone never decides.
MOST_LOG_ODDS = 4.0


def evidence_of(reasons: Iterable[tuple[str, float]]) -> Evidence:
    """The log-odds of reasons (feature, log-odds), added up by family; a feature of another version says nothing.

    >>> evidence_of([("refused", 0.5), ("gap_spread", 1.25), ("of another version", 2.0)])
    {'always': 1.0, 'refusals': 0.5, 'rhythm': 1.25}
    """
    found: Evidence = {ALWAYS: 1.0}
    for feature, log_odds in reasons:
        family = FAMILY_OF.get(feature)
        if family is not None:
            found[family] = min(found.get(family, 0.0) + log_odds, MOST_LOG_ODDS)
    return found


def crossed(evidence: Evidence) -> Evidence:
    """The evidence, and every pair of families together: which go with which tells the false from the true better than each alone.

    >>> crossed({"always": 1.0, "rhythm": 2.0, "size": 1.0})
    {'always': 1.0, 'rhythm': 2.0, 'rhythm*rhythm': 1.0, 'rhythm*size': 0.5, 'size': 1.0, 'size*size': 0.25}
    """
    found = {ALWAYS: evidence.get(ALWAYS, 0.0)}
    families = sorted(family for family in evidence if family != ALWAYS)
    for at, family in enumerate(families):
        found[family] = evidence[family]
        for other in families[at:]:
            found[f"{family}*{other}"] = evidence[family] * evidence[other] / MOST_LOG_ODDS
    return found
