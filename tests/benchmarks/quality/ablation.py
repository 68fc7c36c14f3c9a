"""The judgement without one family of features: what does it carry?

    .venv/bin/python -m tests.benchmarks.quality.ablation EVENTS.jsonl FAMILY FINDINGS.jsonl

This is an ablation without refitting: the shipped references are taken and the family is made to say nothing, as if the events did not
carry it (unknown against peers, not moved from its own past; a detector that reads nothing else says nothing). Thresholds and the
weights of what is left stay, so a loss is an upper bound: what was fitted with one family less would lean on others. A
family whose loss is negative costs more than it brings at these thresholds.
"""

import argparse
from collections.abc import Callable, Iterable
from math import inf
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from models.detectors import DETECTORS
from models.features import FAMILIES, INDEX
from models.references import References
from schemas import ocsf
from schemas.campaign import CampaignFinding
from schemas.finding import Finding
from schemas.rows import TenantWindow
from streams.backtest import Backtest
from streams.configuration import mind_of
from streams.files import RecordFile
from streams.settings import load_settings

#: The families of features by name, and the features of each.
FEATURES_OF = {
    family.__name__.rpartition(".")[2]: frozenset(feature.name for feature in family.FEATURES) for family in FAMILIES
}
ROWS_EVERY = 100_000


def without(references: References, features: frozenset[str]) -> References:
    """The references to which these features mean nothing."""
    table = references.table
    silent = {detector.name for detector in DETECTORS if features.issuperset(detector.features)}
    left = References(
        msgspec.structs.replace(
            table,
            features={name: peers for name, peers in table.features.items() if name not in features},
            young={name: held for name, held in table.young.items() if name not in silent},
            established={name: held for name, held in table.established.items() if name not in silent},
        )
    )
    # A feature without a range can still be far from the tenant's own past; with an infinite grain nothing is far.
    scales = np.array(left.ground.scales, dtype=float)
    scales[[INDEX[name] for name in features], 1:] = inf
    left.ground.scales = scales
    return left


def judge(
    records: Iterable[bytes], references: References, on_finding: Callable[[Finding | CampaignFinding], None]
) -> list[TenantWindow]:
    """Judge records with these references as `distillwatch backtest` does; the rows of all windows."""
    settings = load_settings(None)
    mind = mind_of(settings.judgement, b"a backtest keeps no state, so any key does")
    run = Backtest(msgspec.structs.replace(mind, references=references), settings.topics.partitions, on_finding)
    rows = []
    for number, record in enumerate(records, 1):
        run.feed(record)
        if number % ROWS_EVERY == 0:
            rows += run.rows()
    return rows + run.rows()


def main() -> None:
    """Judge one file without one family."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", type=Path)
    parser.add_argument("family", choices=sorted(FEATURES_OF))
    parser.add_argument("findings", type=Path)
    arguments = parser.parse_args()
    references = without(References.shipped(), FEATURES_OF[arguments.family])
    with arguments.findings.open("wb") as out:
        judge(RecordFile(arguments.events), references, lambda finding: _write(out, finding))


def _write(out: BinaryIO, finding: Finding | CampaignFinding) -> None:
    out.write(ocsf.alert(finding) + b"\n")


if __name__ == "__main__":
    main()
