"""Drill: a version that writes another form of state takes over, and hands back."""

from pathlib import Path

import pytest

from models.snapshot import FORM, form_of
from streams.checkpoint_records import ADOPTED, CAMPAIGNS, FEEDBACK
from streams.replay import replay
from streams.settings import Settings
from streams.tail import read_topic
from tests.conftest import MakeSettings
from tests.integration.drill import Expected, Kept, judged, wait_until
from tests.integration.exact import require_exact
from tests.integration.stage import EAGER, RESTARTING, hydra

pytestmark = pytest.mark.drill


def forms_on(settings: Settings) -> set[int]:
    """The forms of the newest state of every tenant, and of the marks."""
    newest = {(one.partition, one.key): one.value for one in read_topic(settings, settings.topics.checkpoints)}
    return {
        form_of(value[8:])
        for (_, key), value in newest.items()
        if value is not None and key not in (CAMPAIGNS, FEEDBACK) and not key.startswith(ADOPTED)
    }


def told(settings: Settings, form: int | None) -> Settings:
    return settings.model_copy(update={"worker": settings.worker.model_copy(update={"state_form": form})})


def test_an_upgrade_of_the_form_of_state_and_its_rollback_leave_every_total_and_finding_as_they_were(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    settings, traffic = make_settings(worker=RESTARTING, judgement=EAGER), hydra()
    expected = Expected(settings, traffic)
    # The version before; this one, untold; told to write its own form; told to go back; untold again, as the version before finds it.
    stages = [(FORM - 1, FORM - 1), (None, FORM - 1), (FORM, FORM), (FORM - 1, FORM - 1), (None, FORM - 1)]
    cut = [len(traffic) * number // len(stages) for number in range(len(stages) + 1)]
    for number, (form, written) in enumerate(stages):
        replay(traffic[cut[number] : cut[number + 1]], settings)
        kept = Kept(told(settings, form), tmp_path / "worker.log", "--role", "judge")
        wait_until(lambda kept=kept, written=written: kept.has(lambda now: judged(now) and forms_on(now) == {written}))  # type: ignore[misc]
        assert kept.worker.stop() == 0, kept.worker.text()[-4000:]
    require_exact(settings, expected)
    print(f"\n{len(traffic)} events in {len(stages)} pieces, {len(expected.alerts)} alerts")
