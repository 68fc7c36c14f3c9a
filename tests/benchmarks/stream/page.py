"""A report as tables, for the terminal and as Markdown."""

from rich.console import Console

from tests.benchmarks.quality.page import Section, markdown_section, show_section
from tests.benchmarks.stream.report import Report
from tests.benchmarks.stream.saturated import WARM_RECORDS


def title(report: Report) -> str:
    """What was measured, on what, when."""
    return f"The stream on a real Kafka, {report.date}: {report.traffic}"


def caption(report: Report) -> str:
    """How much traffic, on what machine, by which command."""
    return (
        f"{report.events:,} events of {report.bytes_per_event:,.0f} bytes, 8 partitions, {report.processors} processors: the program "
        f"under measurement has one, broker and load the rest. `{report.command}`"
    )


def sections(report: Report) -> list[Section]:
    """The tables, in the order of reading."""
    made = (_side_by_side(report), _latency(report), _scale(report), _load(report))
    return [section for section in made if section is not None]


def markdown(report: Report) -> str:
    """The page for a README."""
    return "\n".join([f"**{title(report)}**\n\n{caption(report)}\n", *map(markdown_section, sections(report))])


def show(report: Report, console: Console) -> None:
    """Print the page."""
    console.print(title(report), style="bold", highlight=False)
    console.print(caption(report) + "\n", style="dim", highlight=False)
    for section in sections(report):
        show_section(section, console)


def _side_by_side(report: Report) -> Section | None:
    if not (report.saturated or report.missing):
        return None
    least = min((each.cpu_us for each in report.saturated if each.job == "judge"), default=None)
    late = {each.job: each for each in report.latency}
    rows: list[tuple[str, ...]] = []
    for each in report.saturated:
        at_half = late.get(each.job)
        times = f"{each.cpu_us / least:.2f}" if least else ""
        p50, p99 = (_ms(at_half.p50_ms), _ms(at_half.p99_ms)) if at_half else ("", "")
        mb = f"{each.peak_bytes / 1e6:,.0f}"
        rows.append((each.words, f"{each.cpu_us:.1f}", times, f"{each.events_per_second:,.0f}", mb, p50, p99))
    rows += [(f"{name}: {why}", *[""] * 6) for name, why in report.missing.items()]
    note = (
        f"CPU of the process from the {WARM_RECORDS:,}th event on, start not counted; times: over distillwatch judging; latency: "
        "append of a record to append of its alert, at half of that rate"
    )
    heads = ("", "CPU us/event", "times", "events/s", "peak RSS MB", "p50 ms", "p99 ms")
    return Section("Side by side", heads, tuple(rows), note)


def _latency(report: Report) -> Section | None:
    if not report.latency:
        return None
    rows = tuple(
        (
            each.words,
            f"{each.events_per_second:,.0f}",
            f"{each.alerts:,}",
            _ms(each.p50_ms),
            _ms(each.p99_ms),
            _ms(each.greatest_ms),
            f"{each.starved:.0%}",
        )
        for each in report.latency
    )
    note = (
        "our thresholds are lowered, so that there are alerts enough to count; both times are the broker's; "
        "starved: of the time the job could have run and had no processor, for others had it"
    )
    return Section(
        "Latency at half load", ("", "events/s", "alerts", "p50 ms", "p99 ms", "greatest", "starved"), rows, note
    )


def _scale(report: Report) -> Section | None:
    scale = report.scale
    if scale is None:
        return None
    rows = [
        (
            f"{drain.workers} worker{'s' if drain.workers > 1 else ''}",
            f"{drain.wall_rate:,.0f}",
            f"{drain.cpu_rate:,.0f}",
            " ".join(f"{share:.0%}" for share in drain.shares),
        )
        for drain in scale.drains
    ]
    rows.append(("two over one", f"{scale.wall_ratio:.2f}", f"{scale.cpu_ratio:.2f}", ""))
    note = "by CPU: what processors of their own would give, two seconds of CPU a second; by the wall clock " + (
        "the broker shares a processor with the second worker" if scale.processors < 3 else "the broker has its own"
    )
    heads = ("role judge, one processor each", "events/s", "events a CPU second", "shares")
    return Section("Scale out", heads, tuple(rows), note)


def _load(report: Report) -> Section | None:
    load = report.load
    if load is None:
        return None
    rows = [
        (
            f"topic {topic.role}",
            f"{topic.records_per_event:.4f}",
            f"{topic.bytes_per_record:,.0f}",
            f"{topic.records_per_event * topic.bytes_per_record:,.1f}",
            "",
        )
        for topic in load.topics
    ]
    stored = load.rows_stored / load.events
    size = load.row_bytes_in_clickhouse
    rows += [
        (
            "rows in ClickHouse",
            f"{stored:.4f}",
            f"{size:,.0f}",
            f"{stored * size:,.1f}",
            f"{load.clickhouse_cpu_us:.1f}",
        ),
        ("broker", "", "", "", f"{load.broker_cpu_us:.1f}"),
        ("worker", "", "", "", f"{load.worker_cpu_us:.1f}"),
    ]
    note = (
        f"{load.events:,} events of {load.tenants:,} tenants at {load.events_per_second:,.0f} a second, checkpoints every "
        f"{load.checkpoint_seconds:g} s; {load.rows_per_state:.2f} rows for each packed tenant; bytes are compressed"
    )
    return Section("Load", ("all roles", "an event", "bytes each", "bytes an event", "CPU us/event"), tuple(rows), note)


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"
