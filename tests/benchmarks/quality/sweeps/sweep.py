"""Seed after seed, batch after batch: attackers among the population, judged, scored, forgotten."""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from tests.benchmarks.quality.figures import false_days
from tests.benchmarks.quality.findings import namings, read_findings
from tests.benchmarks.quality.labels import DAY_MS
from tests.benchmarks.quality.process import DISTILLWATCH, run
from tests.benchmarks.quality.scoring import BEFORE_ATTACK, Campaign, score
from tests.benchmarks.quality.traffic import Traffic

from .cast import MOST_SHARE, Member, Operator, batches, operators, play
from .effort import Effort
from .stock import Stock, take_apart
from .strategies import Strategy


class Fate(Struct, frozen=True, kw_only=True):
    """What became of one account: useful requests made before it was named (or at all), and the days it was about to harvest."""

    named: bool
    leaked: int
    days: float


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one operator; `tokens` he bought, `useful_tokens` are of questions and answers for his data set."""

    effort: Effort
    campaign: Campaign
    fates: tuple[Fate, ...]
    tokens: int
    useful_tokens: int


class Crowd(Struct, frozen=True, kw_only=True):
    """The honest tenants that stood beside: how many, the attackers in each batch, and the share of their days with a finding."""

    seed: int
    tenants: int
    batches: tuple[int, ...]
    false_tenant_days: tuple[float, ...]


class Plan(Struct, frozen=True, kw_only=True):
    """What is swept: `each` operators of an effort a seed, beside honest tenants of at most `most_a_day` requests a day."""

    strategies: tuple[Strategy, ...]
    each: int = 5
    most_a_day: float = 1000.0


class Sweep:
    """Runs a plan over seeds in a folder; `on_step` is told what begins."""

    def __init__(
        self,
        plan: Plan,
        traffic: Traffic,
        folder: Path,
        on_step: Callable[[str], None],
    ) -> None:
        self._plan, self._traffic = plan, traffic
        self._folder, self._on_step = folder, on_step
        self.outcomes: list[Outcome] = []
        self.crowds: list[Crowd] = []

    def run(self, seed: int, *, keep: bool) -> None:
        """Make a seed's traffic, judge every batch, and add to `outcomes` and `crowds`."""
        self._on_step(f"seed {seed}: making traffic")
        files = self._traffic.made(seed)
        self._on_step(f"seed {seed}: taking it apart")
        stock = take_apart(files, self._folder / "population.jsonl", self._plan.most_a_day)
        if not keep:
            files.remove()
        most = max(1, int(MOST_SHARE * sum(label.counted for label in stock.population)))
        dealt = batches(operators(self._plan.strategies, self._plan.each, seed, most), most)
        false = []
        for number, batch in enumerate(dealt, 1):
            self._on_step(f"seed {seed}: batch {number} of {len(dealt)}")
            false.append(self._judged(batch, stock))
        sizes = tuple(sum(operator.effort.accounts for operator in batch) for batch in dealt)
        crowd = Crowd(seed=seed, tenants=len(stock.population), batches=sizes, false_tenant_days=tuple(false))
        self.crowds.append(crowd)
        stock.events.unlink()

    def _judged(self, batch: Sequence[Operator], stock: Stock) -> float:
        """Judge one batch; returns the share of honest tenant-days with a finding."""
        events, found = self._folder / "batch.jsonl", self._folder / "findings.jsonl"
        members = play(batch, stock, events)
        run([*DISTILLWATCH, "backtest", "--findings", found, events])
        events.unlink()
        named = namings(read_findings(found))
        labels = [account.label for member in members for account in member.accounts]
        whole = score([*stock.population, *labels], named)
        alone = score([replace(label, campaign=label.tenant_id) for label in labels], named)
        campaigns = {campaign.name: campaign for campaign in (*whole.campaigns, *alone.campaigns)}
        self.outcomes += [_outcome(member, campaigns) for member in members if member.operator.name in campaigns]
        return false_days([tenant for tenant in whole.honest if tenant.role != BEFORE_ATTACK]) or 0.0


def _outcome(member: Member, campaigns: dict[str, Campaign]) -> Outcome:
    labels = [account.label for account in member.accounts if account.label.attack_ts]
    return Outcome(
        effort=member.operator.effort,
        campaign=campaigns[member.operator.name],
        fates=tuple(
            Fate(
                named=campaigns[label.tenant_id].caught > 0,
                leaked=campaigns[label.tenant_id].leaked,
                days=(label.end_ms - label.attack_ts[0]) / DAY_MS,
            )
            for label in labels
        ),
        tokens=sum(account.tokens for account in member.accounts),
        useful_tokens=sum(account.useful_tokens for account in member.accounts),
    )
