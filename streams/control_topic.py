"""The control topic from the command line: every record that counts, and a new one."""

import time
from collections.abc import Callable

from models.feedback.rollback import rollback
from models.own_rates import calibrated
from schemas.control import Calibration, Control, decode_control, encode_control
from schemas.errors import BadRecord, RefusedToStart
from streams.send import send
from streams.settings import Settings
from streams.tail import read_topic
from streams.topics import topic_identity


def read_controls(settings: Settings) -> dict[int, Control]:
    """Every control record by number: of two with one number the first. Raises `RefusedToStart` when the topic is missing."""
    topic_identity(settings, settings.topics.control)
    controls: dict[int, Control] = {}
    for record in read_topic(settings, settings.topics.control):
        try:
            control = decode_control(record.value)
        except BadRecord:  # judges pass over it too
            continue
        if not controls or control.number > max(controls):
            controls[control.number] = control
    return controls


def go_back(settings: Settings, to: int) -> Control:
    """Publish the next record with the content of record `to` (0: the tables as shipped); what was published.

    Raises `RefusedToStart` when there is no such record. When somebody else took the number meanwhile, the next one is taken.
    """

    def back(controls: dict[int, Control]) -> Control:
        if not controls or (to and to not in controls):
            raise RefusedToStart(
                f"there is no control record {to} on {settings.topics.control}: distillwatch control list"
            )
        return rollback(controls, to, round(time.time() * 1000))

    return _published(settings, back)


def publish_calibration(settings: Settings, calibration: Calibration) -> Control:
    """Publish the next record with this calibration and with all that the newest one has learned; what was published.

    When somebody else took the number meanwhile, the next one is taken.
    """
    return _published(settings, lambda controls: calibrated(controls[max(controls)] if controls else None, calibration))


def _published(settings: Settings, following: Callable[[dict[int, Control]], Control]) -> Control:
    """Publish what follows the records on the topic, until it is the one of its number."""
    while True:
        control = following(read_controls(settings))
        send(settings, settings.topics.control, [(str(control.number).encode(), encode_control(control))])
        if read_controls(settings)[control.number] == control:
            return control
