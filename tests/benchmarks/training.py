"""The traffic that the shipped tables are made from, and their making.

    .venv/bin/python -m tests.benchmarks.training WORK_DIR [--eval ../shared/eval] [--out models/references/composed.json]

Sources of three days each: six of the evaluation folder's composer with its corpora as they are (120 honest tenants, twenty
campaigns), three in which the corpora have changed places, so that no corpus stands for a role, four in which every tenant's
surface is disturbed (`Disturbed`), so that no habit of the composer stands for a kind, four of our own simulator, whose tenants
are other ones, four in which tenants differ by the text of their prompts alone, and eight in which the composer's attackers have
given way to operators who evade, each in ways of his own (`quality.sweeps`), so that no carelessness stands for extraction.
The weights of likeness come first, learned from the folder's corpora and from five of users' questions that a package carries. What ships
knows all of them; each source is read by weights that two or three of the five corpora of tasks are missing from, and two to four of the
eight of users, so that the forest learns what likeness is worth where nobody has seen them.
Nothing is grown on the last eleven: what a level means is measured on them, and what happens to one honest tenant in thousands a day
needs many. They are read by the weights that ship, as a worker reads them. Five are as they are (two of 400 honest tenants), two have
their corpora exchanged otherwise, and four, one of them of those corpora, hold a thousand honest tenants and nobody else. Then runs
`distillwatch calibrate`. Needs 28 GB of disk, 9 GB of memory and half an hour on a quiet machine; the same seeds give the same tables.
"""

import argparse
import gzip
import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from tests.benchmarks.disturbed import disturb
from tests.benchmarks.likeness import Corpora
from tests.benchmarks.quality import text_alone
from tests.benchmarks.quality.sweeps.cast import Operator, play
from tests.benchmarks.quality.sweeps.effort import Effort
from tests.benchmarks.quality.sweeps.stock import take_apart
from tests.benchmarks.quality.traffic import Files
from tests.benchmarks.quality.variants import Variant

CLI = (sys.executable, "-c", "from streams.cli import main; main()")
PLAIN = (11, 12, 13, 14, 15, 16)
REARRANGED = (31, 32, 33)
HELD_OUT = (21, 22, 23)
#: With 400 honest tenants: what happens to one in a thousand needs many.
HELD_OUT_LARGE = (24, 25)
HELD_OUT_REARRANGED = (41, 42)
#: Honest tenants alone, a thousand each: those with applications of several accounts counted.
HONEST, HONEST_REARRANGED = (26, 27, 28), (43,)
DISTURBED = (12, 14, 15, 32)
SIMULATED = (61, 62, 63, 64)
EVADING = (11, 12, 13, 14, 15, 31, 32, 33)
_MANY, _HONEST = ("--benign", "400"), ("--benign", "800", "--rounds", "0")
#: Operators of a source, and the most requests a day of the honest tenants beside them.
OPERATORS, MOST_A_DAY = 32, 1000.0
#: One in so many of them does all at once that costs nothing.
CAREFUL = 2
#: Characters of what people ask before a task, and to which a prompt is filled behind it.
BEFORE, FILLED = (0, 0, 0, 0, 200, 600, 1000), (0, 0, 0, 300, 800, 2000, 4000)
TEXT_ALONE = (71, 72, 73, 74)
#: Corpora of extraction whose text may be learned from; what is found by text alone is measured on the others.
TEXT_CORPORA = ("templated", "grid", "probes")
ASKED_BY_A_TENANT = (1, 2, 3)
#: How many of the tasks' corpora a source's own weights know, and of the users', and how many such weights there are.
KNOWN_TASKS, KNOWN_ASKED, READERS = (2, 3), (4, 5, 6), 12
OTHER_ROLES = {
    "human": ["probes_human_redteam", "benign_user_tasks"],
    "personas": ["benign_personas"],
    "templated": ["templated_odd"],
    "reasoning": ["benign_arena"],
    "grid": ["templated_even"],
    "probes": ["probes_behaviors"],
    "human_redteam": ["benign_personas"],
    "cadences": "traces/servegen_clients.jsonl.gz",
}
ROLES = {
    "human": ["benign_personas", "benign_user_tasks"],
    "personas": ["benign_arena"],
    "templated": ["templated_even"],
    "reasoning": ["capability_bbh"],
    "grid": ["templated_odd"],
    "probes": ["probes_human_redteam"],
    "human_redteam": ["probes_behaviors"],
    "cadences": "traces/servegen_clients.jsonl.gz",
}


def rearranged(data: Path, place: Path, roles: dict[str, Any]) -> Path:
    """The corpora with their roles exchanged, the templates in two halves: one for applications, one for the grid."""
    (place / "prompts").mkdir(parents=True, exist_ok=True)
    for source in (*(data / "prompts").iterdir(), data / "traces"):
        link = place / source.relative_to(data)
        if not link.exists():
            link.symlink_to(source.resolve())
    with gzip.open(data / "prompts" / "templated_t0.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    groups = sorted({row["group"] for row in rows})
    for half, name in enumerate(("even", "odd")):
        chosen = set(groups[half::2])
        with gzip.open(place / "prompts" / f"templated_{name}.jsonl.gz", "wt", encoding="utf-8") as out:
            out.writelines(json.dumps(row) + "\n" for row in rows if row["group"] in chosen)
    (place / "roles.json").write_text(json.dumps(roles), encoding="utf-8")
    return place


def sources(evaluation: Path, work: Path, asked: dict[str, list[str]]) -> list[tuple[Path, Path]]:
    """Events and labels of every source, composed unless they are there; `asked` are users' prompts by corpus."""
    work.mkdir(parents=True, exist_ok=True)
    data = evaluation.parent / "data"
    other = rearranged(data, work / "rearranged", ROLES)
    found = [composed(evaluation, work, data, seed) for seed in PLAIN]
    found += [composed(evaluation, work, other, seed) for seed in REARRANGED]
    for seed in DISTURBED:
        events = work / f"e{seed}-disturbed.jsonl"
        if not events.exists():
            shuffled = work / f"e{seed}-shuffled.jsonl"
            Variant(shuffled=True).rewrite(work / f"e{seed}.jsonl", shuffled, seed)
            disturb(shuffled, events, seed)
            shuffled.unlink()
        found.append((events, work / f"l{seed}.jsonl"))
    for seed in SIMULATED:
        events, labels = work / f"e{seed}.jsonl", work / f"l{seed}.jsonl"
        if not labels.exists():
            size = ("--tenants", "200", "--attackers", "20", "--seed", str(seed))
            subprocess.run([*CLI, "simulate", *size, "--out", events, "--labels", labels], check=True)
        found.append((events, labels))
    found += [text(work, data, asked, seed) for seed in TEXT_ALONE]
    found += [evading(work, seed) for seed in EVADING]
    another = rearranged(data, work / "rearranged-otherwise", OTHER_ROLES)
    found += [composed(evaluation, work, data, seed) for seed in HELD_OUT]
    found += [composed(evaluation, work, data, seed, *_MANY) for seed in HELD_OUT_LARGE]
    found += [composed(evaluation, work, another, seed) for seed in HELD_OUT_REARRANGED]
    found += [composed(evaluation, work, data, seed, *_HONEST) for seed in HONEST]
    return found + [composed(evaluation, work, another, seed, *_HONEST) for seed in HONEST_REARRANGED]


def readers(corpora: Corpora, work: Path, number: int) -> list[Path]:
    """For so many sources the weights of likeness that each is read by, made unless they are there."""
    files = [work / f"likeness-{reader}.json" for reader in range(min(number, READERS))]
    for reader, file in enumerate(files):
        if not file.exists():
            rng = Random(f"likeness/{reader}")
            tasks = sorted(rng.sample(sorted(corpora.tasks), rng.choice(KNOWN_TASKS)))
            asked = sorted(rng.sample(sorted(corpora.asked), rng.choice(KNOWN_ASKED)))
            file.write_bytes(msgspec.json.encode(corpora.learned(tasks, asked)))
    return [files[source % READERS] for source in range(number)]


def composed(evaluation: Path, work: Path, data: Path, seed: int, *options: str) -> tuple[Path, Path]:
    """Events and labels of one seed, composed of these corpora unless they are there."""
    events, labels = work / f"e{seed}.jsonl", work / f"l{seed}.jsonl"
    if not labels.exists():
        command: list[str | Path] = [sys.executable, evaluation / "compose.py", "--data", data, "--seed", str(seed), *options]
        subprocess.run([*command, "--out", events, "--labels", labels], check=True)
    return events, labels


def text(work: Path, data: Path, asked: dict[str, list[str]], seed: int) -> tuple[Path, Path]:
    """Events and labels of tenants that differ by their prompts alone: 160 honest ones, 20 that come to extract.

    Each asks what is in one to three of the corpora of users, so that how a tenant usually reads is its own.
    That is one campaign to eight honest tenants, as the composer has it: else the forest would take it for a sign of
    extraction that a gateway tells little.
    """
    events, labels = work / f"e{seed}.jsonl", work / f"l{seed}.jsonl"
    if not labels.exists():
        rng = Random(seed)
        lengths = [(rng.randrange(300, 1200), rng.randrange(100, 300)) for _ in range(180)]
        plans = [
            text_alone.Plan(
                name=f"text{seed}-{number}",
                history=history,
                prompts=prompts,
                dilution=rng.choice((1.0, 0.5, 0.3, 0.25, 0.2)) if number < 20 else 0.0,
                corpus=TEXT_CORPORA[number % len(TEXT_CORPORA)] if number < 20 else "",
                asked=tuple(rng.sample(sorted(asked), rng.choice(ASKED_BY_A_TENANT))),
            )
            for number, (history, prompts) in enumerate(lengths)
        ]
        found = text_alone.Corpora(asked, text_alone.corpora(data, TEXT_CORPORA).extraction)
        text_alone.write(plans, found, seed, events, labels)
    return events, labels


def evading(work: Path, seed: int) -> tuple[Path, Path]:
    """Events and labels of a composed seed whose attackers were replaced by operators who evade, each at random."""
    events, labels = work / f"e{seed}-evading.jsonl", work / f"l{seed}-evading.jsonl"
    if not labels.exists():
        stock = take_apart(
            Files(work / f"e{seed}.jsonl", work / f"l{seed}.jsonl"), work / f"e{seed}-honest.jsonl", MOST_A_DAY
        )
        rng = Random(f"evading/{seed}")
        cast = [Operator(f"evading/{seed}/{number}", any_effort(rng)) for number in range(OPERATORS)]
        members = play(cast, stock, events)
        stock.events.unlink()
        told = [*stock.population, *(account.label for member in members for account in member.accounts)]
        labels.write_bytes(b"".join(msgspec.json.encode(label) + b"\n" for label in told))
    return events, labels


def any_effort(rng: Random) -> Effort:
    """An effort with every dial at random, the cheap ones as often as the dear; one operator in `CAREFUL` does all that is free at once."""
    if rng.random() < 1 / CAREFUL:
        return careful(rng)
    return Effort(
        requests_a_day=100 * 30 ** rng.random(),
        cover=rng.choice((0.0, 0.0, 0.0, 0.25, 0.5, 0.75)),
        cadence=rng.choice(("metronome", "even", "poisson", "days")),
        wordings=rng.choice(("own", None, 0, 1, 2, 4, 16)),
        before=rng.choice(BEFORE),
        filled=rng.choice(FILLED),
        settings=rng.choice(("own", "everything", "reasoning", "common", "system", "tools")),
        turns=rng.choice((1, 1, 1, 3)),
        length=rng.choice((0.3, 0.6, 1.0, 1.0)),
        addresses=rng.choice((1, 1, 1, 4, 8, 64)),
        keys=rng.choice((1, 1, 2)),
        accounts=rng.choice((1, 1, 1, 1, 4)),
        apart=rng.random() < 0.5,
        warm_days=rng.choice((0.0, 0.0, 0.0, 0.5, 1.0)),
        ramp_days=rng.choice((0.0, 0.0, 1.0)),
    )


def careful(rng: Random) -> Effort:
    """One account with one address and one key, at a person's hours or at random, with settings that many have, and often one template."""
    return Effort(
        requests_a_day=100 * 20 ** rng.random(),
        cover=rng.choice((0.0, 0.0, 0.0, 0.5)),
        cadence=rng.choice(("days", "days", "days", "poisson")),
        wordings=rng.choice(("own", 0, 1, 1, 1, 4, 16)),
        before=rng.choice(BEFORE),
        filled=rng.choice(FILLED),
        settings=rng.choice(("own", "common", "system", "system", "tools")),
        addresses=1,
        keys=1,
    )


def main() -> None:
    """Compose and calibrate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--eval", type=Path, default=Path("../shared/eval"))
    parser.add_argument("--out", type=Path, default=Path("models/references/composed.json"))
    parser.add_argument("--version", default="composed-9")
    arguments = parser.parse_args()
    work, data = arguments.work.resolve(), arguments.eval.resolve().parent / "data"
    corpora = Corpora(data, work / "wheels")
    found = sources(arguments.eval.resolve(), work, corpora.asked)
    known = corpora.learned(version=arguments.version)
    shipped = arguments.out.with_name("likeness.json")
    shipped.write_bytes(msgspec.json.encode(known) + b"\n")
    command: list[str | Path] = [*CLI, "calibrate", *(events for events, _ in found)]
    for _, labels in found:
        command += ["--labels", labels]
    held_out = sum(map(len, (HELD_OUT, HELD_OUT_LARGE, HELD_OUT_REARRANGED, HONEST, HONEST_REARRANGED)))
    for weights in (*readers(corpora, work, len(found) - held_out), *[shipped] * held_out):
        command += ["--likeness", weights]
    command += ["--held-out", str(held_out), "--out", arguments.out, "--version", arguments.version]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
