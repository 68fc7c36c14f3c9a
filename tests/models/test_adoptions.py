"""A partition under control records: the same findings and rows, wherever it is cut."""

import msgspec

from models.adoptions import Adoption
from models.partition import Partition
from models.snapshot import unpack_partition
from schemas.control import Control, Learned
from schemas.event import Event
from schemas.finding import Activity, Finding
from schemas.rows import TenantWindow
from tests.models.behaviour import chats, harvests
from tests.models.events import mind

SILENT = Control(number=1, made_ms=0, learned=Learned(weights={"always": -4.0}))
LOUD = Control(number=2, made_ms=0, learned=Learned(weights={"always": 4.0}))
NOTHING = Control(number=3, made_ms=0)
MIND = mind(risk_medium=0.25)


def events() -> list[Event]:
    quiet = [msgspec.structs.replace(one, tenant_id="quiet") for one in chats(300)]
    return sorted([*harvests(600), *quiet], key=lambda one: one.ts)


EVENTS = events()


class Run:
    """A partition with what it has handed out."""

    def __init__(self, adoptions: list[Adoption]) -> None:
        self.adoptions = adoptions
        self.partition = self._new()
        self.packed: dict[tuple[str, str], bytes] = {}
        self.findings: list[Finding] = []
        self.rows: dict[tuple[str, int], TenantWindow] = {}

    def feed(self, begin: int, end: int) -> "Run":
        for offset in range(begin, end):
            self.partition.apply(offset, EVENTS[offset])
        self.findings += [finding for _, finding in self.partition.findings]
        self.partition.findings.clear()
        return self

    def move(self) -> "Run":
        """To another worker, after a checkpoint."""
        made = self.partition.checkpoint()
        self._keep(made.rows)
        self.packed |= dict(made.tenants)
        adoptions = self.partition.adoptions_since(made.position)
        self.partition = Partition(MIND, 0, 1)
        self.partition.restore(unpack_partition(made.mark), self.packed.values())
        self.partition.adopt(adoptions)
        return self

    def end(self) -> "Run":
        self._keep(self.partition.checkpoint().rows)
        return self

    def _keep(self, rows: list[TenantWindow]) -> None:
        for row in rows:
            held = self.rows.get((row.tenant, row.window_start_ms))
            if held is None or held.version <= row.version:
                self.rows[row.tenant, row.window_start_ms] = row

    def _new(self) -> Partition:
        partition = Partition(MIND, 0, 1)
        partition.adopt(self.adoptions)
        return partition


def test_a_record_that_teaches_nothing_changes_nothing_but_its_number() -> None:
    plain, numbered = Run([]).feed(0, 900).end(), Run([Adoption(0, NOTHING)]).feed(0, 900).end()
    assert plain.findings
    assert {one.versions.control for one in numbered.findings} == {3}
    unnumbered = [
        msgspec.structs.replace(one, versions=msgspec.structs.replace(one.versions, control=0)) for one in numbered.findings
    ]
    assert unnumbered == plain.findings


def test_what_was_taught_silences_or_raises_suspects_and_leaves_the_others_alone() -> None:
    plain = Run([]).feed(0, 900).end()
    silent, loud = Run([Adoption(0, SILENT)]).feed(0, 900).end(), Run([Adoption(0, LOUD)]).feed(0, 900).end()

    def first(run: Run) -> int:
        return next((at for at, one in enumerate(run.findings) if one.activity is Activity.CREATE), 10**6)

    assert len(silent.findings) <= len(plain.findings)
    assert max((one.risk for one in silent.findings), default=0) <= max(one.risk for one in plain.findings)
    assert first(loud) == first(plain)
    assert loud.findings[0].severity >= plain.findings[0].severity
    assert loud.findings[0].opened_ms == plain.findings[0].opened_ms
    risks = {key: row.risk for key, row in plain.rows.items() if row.tenant == "quiet" and not row.suspect}
    assert {key: loud.rows[key].risk for key in risks} == risks


def test_findings_and_rows_are_the_same_wherever_the_partition_is_handed_over() -> None:
    adoptions = [Adoption(150, SILENT), Adoption(420, LOUD), Adoption(700, NOTHING)]
    whole = Run(adoptions).feed(0, 900).end()
    assert {one.versions.control for one in whole.rows.values()} == {0, 1, 2, 3}
    for cuts in ((100, 430), (150, 421), (149, 700), (151, 420)):
        run, begin = Run(adoptions), 0
        for cut in cuts:
            run.feed(begin, cut).move()
            begin = cut
        run.feed(begin, 900).end()
        assert run.findings == whole.findings
        assert run.rows == whole.rows


def test_adoptions_that_no_replay_needs_are_forgotten() -> None:
    run = Run([Adoption(10, SILENT), Adoption(20, LOUD), Adoption(30, NOTHING)])
    run.feed(0, 25)
    assert [one.first_offset for one in run.partition.adoptions_since(9)] == [10, 20, 30]
    assert [one.first_offset for one in run.partition.adoptions_since(24)] == [20, 30]
    assert run.partition.newest_control == NOTHING
