"""The command line of the stages."""

from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import RefusedToStart
from tests.benchmarks.command import check_writable, run_app, say, wide_console, write
from tests.benchmarks.quality.page import Section, markdown_section, show_section
from tests.benchmarks.stages.stages import stages as stages_of
from tests.benchmarks.stages.timing import Timing, timings
from tests.benchmarks.stages.workload import DIGEST, Workload

app = typer.Typer(add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)


@app.command(context_settings={"help_option_names": ["-h", "--help"]})
def stages(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="rounds over all stages")] = 5,
    json: Annotated[Path | None, typer.Option(help="write the figures here as JSON")] = None,
    markdown: Annotated[Path | None, typer.Option(help="write the table here as Markdown")] = None,
) -> None:
    """Time each stage of a worker alone, on a workload that is always the same bytes: no Kafka, no ClickHouse, one thread.

    Machines differ and are seldom idle, so each figure is told over decoding the same records too, which is the same work for
    ever: compare that column between versions and machines. Takes two minutes.

    Examples:

    - `deploy/benchmark stages --markdown stages.md --json stages.json`
    - `deploy/benchmark stages --rounds 1`, a quick look
    """
    check_writable(json, markdown)
    say("making the workload")
    held = Workload.made()
    if held.digest != DIGEST:
        raise RefusedToStart(
            f"the simulator makes other records than it did ({held.digest}): its figures are of another workload"
        )
    told = timings(stages_of(held), rounds, say)
    section = _section(told, held)
    show_section(section, wide_console())
    write(told, markdown_section(section), json, markdown)


def _section(told: list[Timing], held: Workload) -> Section:
    rows = tuple(
        (each.name, each.what, f"{each.median_us:,.2f}", f"{each.least_us:,.2f}", f"{each.decodings:.2f}", each.unit)
        for each in told
    )
    note = (
        f"{len(held.records):,} records of {len(held.states):,} tenants, digest {held.digest}; CPU time of one thread"
    )
    return Section("Stages alone", ("stage", "what it does", "median us", "least us", "over decoding", "a"), rows, note)


if __name__ == "__main__":
    run_app(app, "deploy/benchmark stages")
