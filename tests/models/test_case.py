from models.case import Case, severity_of
from models.config import Config
from schemas.finding import Activity, Severity
from schemas.versions import Versions

VERSIONS = Versions("c", "m", "r")
CONFIG = Config(update_ms=100, quiet_ms=1000)


def opened() -> Case:
    return Case.open("org_a", "", 0, first_ms=40, now_ms=50)


def test_the_id_of_a_finding_follows_from_the_tenant_and_its_opening_alone() -> None:
    assert opened().uid == opened().uid
    assert opened().uid != Case.open("org_a", "", 1, first_ms=40, now_ms=50).uid
    assert opened().uid != Case.open("org_b", "", 0, first_ms=40, now_ms=50).uid


def test_suspicion_that_goes_on_is_not_told_in_a_storm() -> None:
    case = opened()
    lines = [case.suspect_again(50 + step, Severity.MEDIUM, CONFIG, VERSIONS) for step in range(1, 351)]
    told = [line for line in lines if line is not None]
    assert [line.time_ms for line in told] == [150, 250, 350]
    assert [line.sequence for line in told] == [1, 2, 3]


def test_a_higher_severity_is_told_at_once_and_a_lower_one_never_lowers_it() -> None:
    case = opened()
    risen = case.suspect_again(51, Severity.CRITICAL, CONFIG, VERSIONS)
    assert risen is not None
    assert (risen.activity, risen.severity) == (Activity.UPDATE, Severity.CRITICAL)
    assert case.suspect_again(52, Severity.MEDIUM, CONFIG, VERSIONS) is None
    assert case.severity is Severity.CRITICAL


def test_a_close_has_the_time_at_which_the_quiet_period_ends() -> None:
    case = opened()
    case.suspect_again(60, Severity.MEDIUM, CONFIG, VERSIONS)
    line = case.close(CONFIG, VERSIONS)
    assert (line.activity, line.time_ms) == (Activity.CLOSE, 1060)


def test_every_line_of_a_finding_has_an_id_of_its_own() -> None:
    case = opened()
    lines = [
        case.create(VERSIONS),
        case.suspect_again(500, Severity.MEDIUM, CONFIG, VERSIONS),
        case.close(CONFIG, VERSIONS),
    ]
    assert len({line.line_uid for line in lines if line is not None}) == 3


def test_severity_follows_the_thresholds() -> None:
    config = Config(risk_medium=0.5, risk_high=0.8, risk_critical=0.95)
    found = [severity_of(risk, config) for risk in (0.49, 0.5, 0.8, 0.95)]
    assert found == [Severity.INFORMATIONAL, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]
