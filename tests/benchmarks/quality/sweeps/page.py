"""Curves laid out in tables, for the terminal and as Markdown."""

from rich.console import Console
from rich.table import Table

from tests.benchmarks.quality.figures import Spread
from tests.benchmarks.quality.page import Section

from .curve import Curve, Rate, Row, Sweeps

HEADS = (
    "effort",
    "operators found",
    "accounts named",
    "leaked",
    "queries",
    "a day",
    "accounts needed",
    "money",
    "he gives up",
)
NOTE = (
    "operators found, accounts named: share (95% interval), severity Medium or more; leaked: useful requests before the naming, "
    "mean (least to greatest operator); queries: those of a named account, median; a day: useful requests an account and day that get "
    "through when named accounts are blocked; accounts needed: for 100,000 answers in 30 days so; money: tokens bought for a useful one"
)


def title(told: Sweeps) -> str:
    """What was measured, on what, when."""
    return f"Effort against detection, {told.date}: attackers of our own in {told.traffic}"


def caption(told: Sweeps) -> str:
    """On which traffic, by which judgement, with which attackers beside how many honest tenants."""
    seeds = ", ".join(map(str, told.seeds))
    honest = ", ".join(f"{crowd.tenants}" for crowd in told.crowds)
    false = [share for crowd in told.crowds for share in crowd.false_tenant_days]
    most = max(size for crowd in told.crowds for size in crowd.batches)
    return (
        f"`{told.command}`; {told.parameters}; beside {honest} honest tenants (seeds {seeds}), at most {most} attacking accounts "
        f"in a file; {sum(false) / len(false):.2%} of honest tenant-days with a finding; distillwatch {told.code}, references "
        f"{told.references}. Made traffic is not real traffic, and these attackers are ours: others have other ideas."
    )


def summary(told: Sweeps) -> Section:
    """A line for each strategy, its efforts from left to right."""
    heads = ("strategy", "efforts", "operators found", "leaked", "accounts needed", "money")
    return Section("In short", heads, tuple(map(_line, told.curves)))


def _line(curve: Curve) -> tuple[str, ...]:
    rows = curve.rows
    needed = ["none suffices" if row.accounts_needed is None else f"{row.accounts_needed:,}" for row in rows]
    columns = (
        [row.words for row in rows],
        [f"{row.found.share:.0%}" for row in rows],
        [f"{row.leaked.mean:.0%}" if row.leaked else "" for row in rows],
        needed,
        [f"{row.money:.1f}" for row in rows],
    )
    return (curve.name, *(" / ".join(column) for column in columns))


def sections(told: Sweeps) -> list[Section]:
    """The tables, in the order of reading."""
    return [summary(told), *map(section, told.curves)]


def section(curve: Curve) -> Section:
    """The table of a strategy."""
    return Section(f"{curve.name.capitalize()}: {curve.varies}", HEADS, tuple(map(_row, curve.rows)))


def markdown(told: Sweeps) -> str:
    """The page for a file."""
    parts = [f"**{title(told)}**\n\n{caption(told)}\n\n{NOTE}.\n"]
    for each in sections(told):
        rule = tuple("---" for _ in each.heads)
        lines = [f"| {' | '.join(row)} |" for row in (each.heads, rule, *each.rows)]
        parts.append("\n".join([f"**{each.title}**", "", *lines]) + "\n")
    return "\n".join(parts)


def show(told: Sweeps, console: Console) -> None:
    """Print the page."""
    console.print(title(told), style="bold", highlight=False)
    console.print(f"{caption(told)}\n\n{NOTE}.\n", style="dim", highlight=False)
    for each in sections(told):
        table = Table(title=each.title, title_justify="left")
        for number, head in enumerate(each.heads):
            numeric = each.heads == HEADS and 0 < number < len(HEADS) - 1
            table.add_column(head, justify="right" if numeric else "left", overflow="fold")
        for row in each.rows:
            table.add_row(*row)
        console.print(table)


def _row(row: Row) -> tuple[str, ...]:
    return (
        row.words,
        _rate(row.found),
        _rate(row.named) if row.effort.accounts > 1 else "",
        _spread(row.leaked),
        "" if row.queries is None else f"{row.queries:,.0f}",
        f"{row.a_day:,.0f}",
        "none suffices" if row.accounts_needed is None else f"{row.accounts_needed:,}",
        f"{row.money:.1f}",
        row.gives_up,
    )


def _rate(rate: Rate) -> str:
    return f"{rate.share:.0%} ({rate.low:.0%} to {rate.high:.0%} of {rate.of})"


def _spread(spread: Spread | None) -> str:
    if spread is None:
        return ""
    return f"{spread.mean:.0%}" + (f" ({spread.low:.0%} to {spread.high:.0%})" if spread.low < spread.high else "")
