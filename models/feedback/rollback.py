"""Going back: the next control record with the content of an earlier one."""

from collections.abc import Mapping

from schemas.control import Control


def rollback(controls: Mapping[int, Control], to: int, now_ms: int) -> Control:
    """The record that follows the newest of `controls` (by number) with the content of record `to`; 0 is the tables as shipped.

    The verdicts that came after that record was made, up to the newest one, count no more: the learner goes on from there. Its
    calibration is that record's, and stays until somebody publishes another one. Raises `KeyError` for a record that is not there.

    >>> one, two = Control(number=1, made_ms=5, read_to=10), Control(number=2, made_ms=9, read_to=15)
    >>> back = rollback({1: one, 2: two}, 1, 20)
    >>> back.number, back.read_to, back.void
    (3, 15, ((11, 15),))
    """
    newest = controls[max(controls)]
    kept = Control(number=1, made_ms=0) if to == 0 else controls[to]
    span = (kept.read_to + 1, newest.read_to)
    return Control(
        number=newest.number + 1,
        made_ms=now_ms,
        origin="rollback",
        content_of=to,
        read_to=newest.read_to,
        void=(*kept.void, span) if span[0] <= span[1] else kept.void,
        learned=kept.learned,
        calibration=kept.calibration,
        calibration_held=True,
    )
