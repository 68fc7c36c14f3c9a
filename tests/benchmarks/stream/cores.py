"""Who may run on which processor: the program under measurement has one of its own as far as the machine has them."""

import os
from pathlib import Path


class Cores:
    """The processors of this machine: the first `measured` are for the programs under measurement, the others for all the rest.

    When there are no others everything shares all of them: then only CPU time can be compared.
    """

    def __init__(self) -> None:
        self._all = sorted(os.sched_getaffinity(0))

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._all)

    def measured(self, index: int) -> set[int]:
        """The one of the program `index`, in turn when there are fewer processors than programs."""
        return {self._all[index % self.count]}

    def others(self, programs: int = 1) -> set[int]:
        """What is left for broker, engine and load beside so many programs; all when nothing is."""
        return set(self._all[programs:]) or set(self._all)


def pin(pid: int, cores: set[int]) -> None:
    """Keep a process, with all its threads and those it will start, on these processors."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            os.sched_setaffinity(int(task.name), cores)
        except ProcessLookupError:
            continue


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used since it was started, all threads, in steps of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def waited_seconds(pid: int) -> float:
    """How long threads of a process could have run and had no processor, since it was started: what others on the machine took."""
    waited_ns = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            waited_ns += int((task / "schedstat").read_text(encoding="ascii").split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return waited_ns / 1e9
