"""A report laid out in tables, for the terminal and as Markdown."""

from collections.abc import Iterable

from msgspec import Struct
from rich.console import Console
from rich.table import Table

from .figures import Figures, Spread
from .report import Report, SeedRow, Spreads

HEADS = {
    "campaigns": "campaigns",
    "members": "members (kinds' mean)",
    "leaked": "leaked",
    "queries": "queries",
    "false_tenant_days": "false tenant-days",
    "precision": "precision",
}
#: The rise of a kind's leaked share from which an ablation names it.
MOSTLY = 0.05
BY_KIND = ("campaigns", "members", "leaked", "queries")


class Section(Struct, frozen=True):
    """One table: what it tells, the heads of its columns, its rows as text; `note` says how to read it."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def title(report: Report) -> str:
    """What was measured, on what, when."""
    variant = f", {report.variant}" if report.variant else ""
    return f"Quality of detection, {report.date}: {report.traffic}{variant}"


def caption(report: Report) -> str:
    """What the traffic was, what judged it, and the limits of all of it."""
    return (
        f"{report.parameters}; distillwatch {report.code}, references {report.references}. "
        "Made traffic is not real traffic: its identities are simulated, and what holds here has to be measured anew on yours."
    )


def sections(report: Report) -> list[Section]:
    """The tables, in the order of reading."""
    return [
        found
        for found in (_main(report), _kinds(report), _honest(report), _trust(report), _ablation(report))
        if found.rows
    ]


def markdown(report: Report) -> str:
    """The page for a README."""
    return "\n".join([f"**{title(report)}**\n\n{caption(report)}\n", *map(markdown_section, sections(report))])


def markdown_section(section: Section) -> str:
    """One table with its title above and its note below."""
    heads, rows = section.heads, section.rows
    lines = [f"**{section.title}**", "", _line(heads), _line("---" for _ in heads), *map(_line, rows)]
    return "\n".join([*lines, "", section.note] if section.note else lines) + "\n"


def show(report: Report, console: Console) -> None:
    """Print the page."""
    console.print(title(report), style="bold", highlight=False)
    console.print(caption(report) + "\n", style="dim", highlight=False)
    for each in sections(report):
        show_section(each, console)


def show_section(section: Section, console: Console) -> None:
    """Print one table."""
    table = Table(title=section.title, title_justify="left", caption=section.note, caption_justify="left")
    for number, head in enumerate(section.heads):
        table.add_column(head, justify="right" if number else "left", overflow="fold")
    for row in section.rows:
        table.add_row(*row)
    console.print(table)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _main(report: Report) -> Section:
    summary, cpu = report.summary, report.cpu_us
    count = f"{len(report.seeds)} seeds" if len(report.seeds) > 1 else "one seed"
    rows = [("distillwatch, mean of " + count, *_each(summary, "mean"), _us(_of(cpu, "mean")))]
    if len(report.seeds) > 1:
        for words, name in (("least", "low"), ("greatest", "high"), ("standard deviation", "deviation")):
            rows.append((words, *_each(summary, name), _us(_of(cpu, name))))
        rows += [_seed(row) for row in report.seeds]
    rows.append(("aim", *_figures(report.aim), "25.0"))
    rows += [
        (name, *_figures(held), "31.0" if number == 0 else "")
        for number, (name, held) in enumerate(report.prototype.items())
    ]
    rows += [(f"baseline {name}, same seeds", *_each(held, "mean"), "") for name, held in report.baselines.items()]
    note = (
        "leaked: attack requests before their tenant was named; queries: those of a named tenant, median; us/event: CPU of the "
        "backtest, reading included, the program's start not; prototype: as published, not measured here"
    )
    return Section("All kinds", ("", *HEADS.values(), "us/event"), tuple(rows), note)


def _seed(row: SeedRow) -> tuple[str, ...]:
    return (f"seed {row.seed}: {row.events:,} events, {row.tenants:,} tenants", *_figures(row.figures), _us(row.cpu_us))


def _kinds(report: Report) -> Section:
    rows = [(kind, *(_cell(held[name], name) for name in BY_KIND)) for kind, held in report.kinds.items()]
    return Section("By kind of attack", ("kind", *BY_KIND), tuple(rows), "mean (least to greatest seed)")


def _honest(report: Report) -> Section:
    rows = [
        (
            role,
            f"{held.tenants:,}",
            f"{held.named:,}",
            f"{held.days:,}",
            f"{held.false_days:,}",
            _share(held.share, "false_tenant_days"),
            _share(held.worst_seed, "false_tenant_days"),
        )
        for role, held in sorted(report.honest.items(), key=lambda item: -item[1].false_days)
    ]
    heads = ("kind", "tenants", "named", "tenant-days", "false", "share", "worst seed")
    return Section("By kind of honest tenant, all seeds together", heads, tuple(rows))


def _trust(report: Report) -> Section:
    rows = [
        (
            f"false rate: {each.what} ({each.tenants:,} tenants)",
            _fine(each.nominal),
            _fine(each.measured),
            f"{_fine(each.low)} to {_fine(each.high)}",
            f"{each.times:.2f} times" if each.times is not None else "",
        )
        for each in report.trust
    ]
    for name in ("campaigns", "members", "precision"):
        held = report.budget[name]
        rows.append((f"{name} at ten findings a day", "", _share(_of(held, "mean"), name), _between(held, name), ""))
    risk = report.budget["risk"]
    if risk is not None:
        rows.append(("risk of 100 that this takes", "", f"{risk.mean:.0f}", f"{risk.low:.0f} to {risk.high:.0f}", ""))
    rare = report.rare
    at_least = f"at least {_fine(rare.at_least)}"
    rows.append((f"precision where {rare.prevalence:.1%} of tenants attack", "", _fine(rare.precision), at_least, ""))
    note = (
        "between: 95% (Wilson) with tenants as the independent units; at ten a day: least to greatest seed, one threshold for "
        "the run, raised until no day creates more; the last: at the upper end of the false rate"
    )
    return Section("What can be relied on", ("", "nominal", "measured", "between", "off"), tuple(rows), note)


def _ablation(report: Report) -> Section:
    rows = [
        (f"without {family}", *(_points(held[name], name) for name in HEADS), _mostly(report.ablation_kinds[family]))
        for family, held in report.ablation.items()
    ]
    note = (
        "change of each figure, in points: mean (least to greatest seed), paired by seed; mostly: kinds whose leaked share "
        f"rises by {MOSTLY * 100:.0f} points or more; nothing was fitted again"
    )
    return Section("Without a family of features", ("", *HEADS.values(), "mostly"), tuple(rows), note)


def _mostly(kinds: Spreads) -> str:
    rises = sorted(((held.mean, kind) for kind, held in kinds.items() if held and held.mean >= MOSTLY), reverse=True)
    return ", ".join(kind for _, kind in rises[:3])


def _figures(held: Figures) -> list[str]:
    return [_share(getattr(held, name), name) for name in HEADS]


def _each(held: Spreads, which: str) -> list[str]:
    return [_share(_of(held[name], which), name) for name in HEADS]


def _of(held: Spread | None, which: str) -> float | None:
    return None if held is None else float(getattr(held, which))


def _cell(held: Spread | None, name: str) -> str:
    if held is None:
        return ""
    return _share(held.mean, name) + (f" ({_between(held, name)})" if held.low < held.high else "")


def _between(held: Spread | None, name: str) -> str:
    return f"{_share(held.low, name)} to {_share(held.high, name)}" if held else ""


def _share(value: float | None, name: str) -> str:
    if value is None:
        return ""
    if name == "queries":
        return f"{value:,.0f}"
    return _fine(value) if name == "false_tenant_days" else f"{value:.0%}"


def _points(held: Spread | None, name: str) -> str:
    if held is None:
        return ""
    unit, digits = (1, 0) if name == "queries" else (100, 2 if name == "false_tenant_days" else 0)
    low, middle, high = (
        f"{round(value * unit, digits) + 0.0:+.{digits}f}" for value in (held.low, held.mean, held.high)
    )
    return f"{middle} ({low} to {high})" if low != high else middle


def _fine(value: float | None) -> str:
    return "" if value is None else f"{value:.2%}"


def _us(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
