"""What is swept: in each strategy one effort grows and all else stays naive, but in the last, where efforts add up."""

from msgspec import Struct
from msgspec.structs import replace

from .effort import NAIVE, Effort


class Point(Struct, frozen=True):
    """One effort of a sweep, in words, with what the attacker gives up for it."""

    words: str
    effort: Effort
    gives_up: str = "nothing"


class Strategy(Struct, frozen=True):
    """A sweep: its name on the command line, what it varies, and its points by rising effort."""

    name: str
    varies: str
    points: tuple[Point, ...]


def _dilution(share: float) -> Point:
    if not share:
        return Point("no cover", NAIVE)
    return Point(f"{share:.0%} cover", replace(NAIVE, cover=share), f"{1 / (1 - share):.3g} requests for a useful one")


def _rate(a_day: float) -> Point:
    return Point(f"{a_day:,.0f} a day", replace(NAIVE, requests_a_day=a_day), f"{30 * a_day:,.0f} answers in 30 days")


def _split(accounts: int, *, apart: bool) -> Point:
    if accounts == 1:
        return Point("one account", NAIVE)
    each = ", a network, TLS stack, card and style for each" * apart
    return Point(f"{accounts} accounts", replace(NAIVE, accounts=accounts, apart=apart), f"{accounts} to open{each}")


def _adding_up() -> tuple[Point, ...]:
    """Efforts on top of each other, the cheapest first."""
    points = [Point("naive", NAIVE)]
    for words, lost, changes in (
        ("one address, one key", "nothing", {"addresses": 1, "keys": 1}),
        ("and a person's days", "nights", {"cadence": "days"}),
        ("and one template for all tasks", "nothing", {"wordings": 1}),
        ("and common settings, a system prompt", "the reasoning, large caps", {"settings": "system"}),
        ("and 50% cover", "half of the requests", {"cover": 0.5}),
        ("and 90% cover", "nine tenths of the requests", {"cover": 0.9}),
        ("and 200 requests a day", "20 useful a day an account", {"requests_a_day": 200.0}),
        (
            "and 16 such accounts, nothing in common",
            "16 identities to buy",
            {"requests_a_day": 3200.0, "accounts": 16, "apart": True},
        ),
    ):
        points.append(Point(words, replace(points[-1].effort, **changes), lost))
    return tuple(points)


STRATEGIES = (
    Strategy(
        "dilution",
        "honest traffic of others on the same account, the requests a day in all the same",
        tuple(_dilution(share) for share in (0.0, 0.25, 0.5, 0.75, 0.9, 0.95)),
    ),
    Strategy("rate", "requests a day of an account", tuple(_rate(a_day) for a_day in (4000, 1000, 300, 100, 30))),
    Strategy(
        "cadence",
        "when requests come",
        (
            Point("metronome", replace(NAIVE, cadence="metronome")),
            Point("even, gaps vary by 30%", NAIVE),
            Point("gaps at random", replace(NAIVE, cadence="poisson")),
            Point("a person's days, in bursts", replace(NAIVE, cadence="days"), "nights"),
        ),
    ),
    Strategy(
        "paraphrase",
        "the words around the task",
        (
            Point("a few, as composed", NAIVE),
            Point("one template for all tasks", replace(NAIVE, wordings=1)),
            Point("4 templates", replace(NAIVE, wordings=4), "answers in one form"),
            Point("16 templates", replace(NAIVE, wordings=16), "answers in one form"),
            Point("64 templates", replace(NAIVE, wordings=64), "answers in one form"),
            Point("another for each", replace(NAIVE, wordings=None), "answers in one form; a paraphraser to run"),
            Point("the bare tasks", replace(NAIVE, wordings=0), "any say in the answer's form"),
        ),
    ),
    Strategy(
        "filling",
        "what people ask, put around the task",
        (
            Point("nothing", NAIVE),
            Point("behind it, to 500 characters", replace(NAIVE, filled=500), "tokens"),
            Point("behind it, to 2,000", replace(NAIVE, filled=2000), "tokens"),
            Point("200 characters before it", replace(NAIVE, before=200), "tokens; answers to more than was asked"),
            Point("1,000 before it", replace(NAIVE, before=1000), "tokens; answers to more than was asked"),
            Point("1,000 before it, and to 3,000", replace(NAIVE, before=1000, filled=3000), "tokens; answers to more than was asked"),
        ),
    ),
    Strategy(
        "disguise",
        "how the words of the task are written",
        (
            Point("as they are", NAIVE),
            Point("no capitals, no signs", replace(NAIVE, disguise="plain"), "formulas"),
            Point("a wrong letter in sixteen", replace(NAIVE, disguise="typos"), "some answers"),
            Point("Cyrillic letters", replace(NAIVE, disguise="letters"), "most answers"),
            Point(
                "filled, and all that is free",
                replace(
                    NAIVE, before=300, filled=2000, wordings=1, settings="system", cadence="days", addresses=1, keys=1
                ),
                "nights, the reasoning, large caps; tokens",
            ),
            Point(
                "with a wrong letter in sixteen, too",
                replace(
                    NAIVE,
                    disguise="typos",
                    before=300,
                    filled=2000,
                    wordings=1,
                    settings="system",
                    cadence="days",
                    addresses=1,
                    keys=1,
                ),
                "and some answers",
            ),
        ),
    ),
    Strategy(
        "parameters",
        "what is asked of the model beside words",
        (
            Point("log-probabilities, 4 samples", replace(NAIVE, settings="everything")),
            Point("reasoning, cap of 8192", replace(NAIVE, settings="reasoning"), "soft labels, samples"),
            Point("as composed", NAIVE, "soft labels, samples, here and there the reasoning"),
            Point("honest tenants' most common", replace(NAIVE, settings="common"), "and the reasoning"),
            Point("and a system prompt", replace(NAIVE, settings="system"), "and the reasoning"),
            Point("and tools", replace(NAIVE, settings="tools"), "and the reasoning; answers that are calls"),
            Point(
                "and four turns a conversation",
                replace(NAIVE, settings="system", turns=4),
                "and the reasoning; pays for the turns before",
            ),
        ),
    ),
    Strategy(
        "brevity",
        "length of the answers that are asked for",
        tuple(
            Point(words, replace(NAIVE, length=length), lost)
            for words, length, lost in (
                ("as they come", 1.0, "nothing"),
                ("half", 0.5, "half of each answer"),
                ("a quarter", 0.25, "three quarters of each answer"),
                ("a tenth", 0.1, "all but a label"),
            )
        ),
    ),
    Strategy(
        "rotation",
        "addresses and keys of an account",
        (
            Point("one address, one key", replace(NAIVE, addresses=1, keys=1)),
            Point("8 addresses, 2 keys", NAIVE, "proxies"),
            Point("64 addresses, 8 keys", replace(NAIVE, addresses=64, keys=8), "proxies"),
            Point("512 addresses, 32 keys", replace(NAIVE, addresses=512, keys=32), "a residential proxy network"),
        ),
    ),
    Strategy(
        "poisoning",
        "honest-looking use at the same volume, before the harvest",
        (
            Point("none", NAIVE),
            Point("a day, then all at once", replace(NAIVE, warm_days=1.0), "a day"),
            Point("a day, then growing for a day", replace(NAIVE, warm_days=1.0, ramp_days=1.0), "a day and a half"),
            Point("none, growing over all days", replace(NAIVE, ramp_days=2.5), "half of the yield"),
            Point("a day and a half, then growing", replace(NAIVE, warm_days=1.5, ramp_days=1.5), "two days"),
        ),
    ),
    Strategy(
        "accounts",
        "accounts with one network, TLS stack, card and style, the requests in all the same",
        tuple(_split(accounts, apart=False) for accounts in (1, 4, 16, 64)),
    ),
    Strategy(
        "identities",
        "accounts that nothing joins, the requests in all the same",
        tuple(_split(accounts, apart=True) for accounts in (1, 4, 16, 64)),
    ),
    Strategy("together", "efforts on top of each other", _adding_up()),
)
NAMES = tuple(strategy.name for strategy in STRATEGIES)
