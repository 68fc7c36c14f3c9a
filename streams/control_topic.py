"""The control topic from the command line: every record that counts, and a new one."""

import time

from models.feedback.rollback import rollback
from schemas.control import Control, decode_control, encode_control
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
    while True:
        controls = read_controls(settings)
        if not controls or (to and to not in controls):
            raise RefusedToStart(f"there is no control record {to} on {settings.topics.control}: distillwatch control list")
        control = rollback(controls, to, round(time.time() * 1000))
        send(settings, settings.topics.control, [(str(control.number).encode(), encode_control(control))])
        if read_controls(settings)[control.number] == control:
            return control
