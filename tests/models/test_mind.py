import subprocess
import sys

COUNTING = """
import sys
from numba.core.dispatcher import Dispatcher
from models.config import Config
from models.mind import Mind
from models.partition import Partition
from tests.models.events import HOUR_MS, MINUTE_MS, START_MS, event

def versions():
    held = [value for name, module in list(sys.modules.items()) if name.startswith("models.") for value in vars(module).values()]
    return {value.py_func.__qualname__: len(value.overloads) for value in held if isinstance(value, Dispatcher)}

mind = Mind.of(Config(risk_medium=0.01, quiet_ms=HOUR_MS), b"a secret for tests")
before, judge = versions(), Partition(mind, 0, 1, most_awake=1)
for number in range(200):
    judge.apply(number, event(number, START_MS + number * 5 * MINUTE_MS, f"org_{number % 2}"))
    if number % 30 == 29:
        judge.checkpoint()
print(len(judge.findings) > 0, [name for name, number in versions().items() if number > before.get(name, 0)])
"""


def test_nothing_is_compiled_within_the_first_requests_once_there_is_a_mind() -> None:
    ran = subprocess.run([sys.executable, "-c", COUNTING], capture_output=True, text=True, check=True)
    assert ran.stdout == "True []\n"
