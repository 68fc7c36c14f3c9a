"""What came of a soak, minute by minute."""

from collections.abc import Iterable

from msgspec import Struct

from tests.benchmarks.quality.page import Section, markdown_section


class Minute(Struct, frozen=True, kw_only=True):
    """`behind` are records not judged and safe at its end; latency is that of alerts whose cause was appended in it, None without any.

    `calm_p99_ms` is of those in its first five seconds, before the fault; `tenants`, all and awake, are those held at its end.
    """

    number: int
    fault: str
    sent: int
    behind: int
    alerts: int
    p50_ms: float | None
    p99_ms: float | None
    calm_p99_ms: float | None
    memory_mb: float
    tenants: int
    awake: int


class Report(Struct, frozen=True, kw_only=True):
    """`wrong` is empty when every total and finding is that of an undisturbed run; restarts are those of the supervisor.

    The slope of memory is that within the lives of processes, after the first minute of each.
    """

    date: str
    events: int
    bad_records: int
    events_per_second: float
    saturated_per_second: float | None
    minutes: tuple[Minute, ...]
    findings: int
    restarts: int
    memory_slope_mb_per_minute: float
    p50_ms: float | None
    p99_ms: float | None
    undisturbed_p99_ms: float | None
    wrong: str


def slope(lives: Iterable[list[tuple[float, float]]]) -> float:
    """By how much values rise a unit of time: the least squares lines of one slope, each life at a height of its own.

    >>> slope([[(0.0, 1.0), (1.0, 3.0)], [(5.0, 0.0), (6.0, 2.0)]]), slope([[(0.0, 7.0)]])
    (2.0, 0.0)
    """
    moved = spread = 0.0
    for life in lives:
        middle = sum(at for at, _ in life) / max(1, len(life))
        mean = sum(value for _, value in life) / max(1, len(life))
        moved += sum((at - middle) * (value - mean) for at, value in life)
        spread += sum((at - middle) ** 2 for at, _ in life)
    return moved / spread if spread else 0.0


def markdown(report: Report) -> str:
    """The page for a README."""
    rows = tuple(
        (
            str(one.number),
            one.fault,
            f"{one.sent:,}",
            f"{one.behind:,}",
            f"{one.alerts:,}",
            _ms(one.p50_ms),
            _ms(one.p99_ms),
            _ms(one.calm_p99_ms),
            f"{one.memory_mb:,.0f}",
            f"{one.tenants:,}",
            f"{one.awake:,}",
        )
        for one in report.minutes
    )
    heads = (
        "minute",
        "fault",
        "sent",
        "behind at its end",
        "alerts",
        "p50 ms",
        "p99 ms",
        "p99 ms before it",
        "memory MB",
        "tenants",
        "awake",
    )
    return markdown_section(Section("Minute by minute", heads, rows, summary(report)))


def summary(report: Report) -> str:
    """The outcome in words."""
    half = f", half of {report.saturated_per_second:,.0f}" if report.saturated_per_second else ""
    outcome = (
        f"NOT EXACT: {report.wrong}"
        if report.wrong
        else "every total, window, finding and bad record as in an undisturbed run"
    )
    return (
        f"{report.date}: {report.events:,} events, {report.events_per_second:,.0f} a second{half}, {report.bad_records:,} bad records, "
        f"{report.findings:,} lines of findings, the worker started again {report.restarts} times. Latency from append to alert: p50 "
        f"{_ms(report.p50_ms)} ms, p99 {_ms(report.p99_ms)} ms, p99 before the faults of each minute {_ms(report.undisturbed_p99_ms)} ms. "
        f"Memory {report.memory_slope_mb_per_minute:+.1f} MB a minute from the second minute of a process on. Exact: {outcome}."
    )


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"
