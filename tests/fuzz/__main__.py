"""Coverage-guided search for a record that breaks the judgement: `python -m tests.fuzz [DIRECTORY] [-max_total_time=60 ...]`.

Needs the extra `fuzz` (atheris, which has no wheel for every Python). Each line of an input is a record. The directory keeps inputs that
reached something new; options are those of libFuzzer. It ends with the input in a file `crash-...` when something does not hold.
"""

import sys
import tempfile
from inspect import getmembers, isfunction
from pathlib import Path

import atheris

from models import look
from models.config import Config
from models.mind import Mind
from models.partition import Partition
from models.tenant import Tenant
from models.window import Window
from schemas import codec
from streams.simulation import Simulation, simulate
from streams.simulation.rubbish import rubbish
from tests.fuzz.judging import check

# Their branches guide the search; what is compiled (numba) cannot be instrumented.
GUIDING = (codec, look, Partition, Tenant, Window)
SEEDS = 200


def seeds(directory: Path) -> None:
    """What to begin with: events and rubbish, some records an input."""
    events = list(simulate(Simulation(days=0.1, tenants=2, attackers=2, seed=1))[0])[: 10 * SEEDS]
    for number in range(SEEDS):
        records = [*events[10 * number : 10 * number + 10], *(one for one in rubbish(number, 5) if len(one) < 5000)]
        (directory / f"seed-{number}").write_bytes(b"\n".join(records))


def main() -> None:
    """Search until told otherwise."""
    for one in GUIDING:
        for _, function in getmembers(one, isfunction):
            atheris.instrument_func(function)
    ground = Mind.of(Config(risk_medium=0.02, risk_high=0.2, risk_critical=0.4), b"a secret for tests")

    def one_input(data: bytes) -> None:
        check(data.split(b"\n"), ground)

    with tempfile.TemporaryDirectory(prefix="fuzz-") as directory:
        seeds(Path(directory))
        atheris.Setup([*sys.argv, directory, "-max_len=65536"], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
