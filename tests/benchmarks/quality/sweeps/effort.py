"""What an attacker does to stay unseen: every dial, at its naive value by default."""

from typing import Literal

from msgspec import Struct

Cadence = Literal["metronome", "even", "poisson", "days"]
Disguise = Literal["none", "plain", "typos", "letters"]
Settings = Literal["own", "everything", "reasoning", "common", "system", "tools"]


class Effort(Struct, frozen=True, kw_only=True):
    """One way of attacking; the default is the naive one: a composed operator's tasks, words and settings, on one account.

    - `requests_a_day`: of all accounts together, cover included; `cover`: the share of them that is somebody's honest traffic;
    - `cadence` of the harvest: a metronome, an even pace (gaps vary by 30%), gaps at random, or a person's days with bursts;
    - `wordings`: "own" are the operator's few; else the templates that his bare tasks are put in; 0: none, None: another for each request;
    - `disguise` of the words: none, no capitals and signs, a wrong letter in sixteen, or letters of another alphabet that stand for ours;
    - `before`: so many characters of what people ask stand before the task, other ones each time; `filled`: more of that stands behind
      it, until the prompt has so many characters;
    - `settings`: his own; log-probabilities and four samples too; reasoning and a large cap; the honest tenants' most common ones; those
      with a system prompt; those with tools as well. `turns`: requests a conversation, each of which pays for those before;
    - `length` of the answers that are asked for, over the naive one; `addresses`, `keys` of an account;
    - `accounts` that share the requests; `apart`: nothing joins them, neither network nor TLS stack nor card nor template;
    - `warm_days` of honest-looking use before the harvest; `ramp_days` over which it then grows to its full rate.
    """

    requests_a_day: float = 1000.0
    cover: float = 0.0
    cadence: Cadence = "even"
    wordings: int | Literal["own"] | None = "own"
    disguise: Disguise = "none"
    before: int = 0
    filled: int = 0
    settings: Settings = "own"
    turns: int = 1
    length: float = 1.0
    addresses: int = 8
    keys: int = 2
    accounts: int = 1
    apart: bool = False
    warm_days: float = 0.0
    ramp_days: float = 0.0

    def useful(self, days: float) -> float:
        """The share of requests that feed his data set, so many days after the account's first one."""
        if days < self.warm_days:
            return 0.0
        grown = min(1.0, (days - self.warm_days) / self.ramp_days) if self.ramp_days else 1.0
        return (1 - self.cover) * grown


NAIVE = Effort()
