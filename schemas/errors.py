"""What can go wrong, by fate.

    DistillwatchError
    ├── BadRecord            dead letter: the record is not an event; its bytes are kept
    ├── RetryLater           retry: a part that should be there is away for now
    ├── RefusedToStart       refuse to start: configuration or state that must not be guessed around
    │   ├── BadSettings
    │   └── ForeignState     a snapshot of another version, topic or partition count
    │       └── Unreadable   a snapshot of another form, or damaged
    └── Stopped              the worker stops by a rule of its own (dead-letter limit)

Anything else is a bug: the process ends with nothing committed.
"""


class DistillwatchError(Exception):
    """Base of every error that this project raises on purpose; its text is one line for the person who runs it."""


class BadRecord(DistillwatchError):
    """A record that is not an event.

    `reason` is one of a few fixed words fit for a metric label; the text adds where (a JSON path), never content.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class RetryLater(DistillwatchError):
    """A part is away; the caller waits and tries the same thing again."""


class RefusedToStart(DistillwatchError):
    """Going on would lose, double or invent something; the text says what to do."""


class BadSettings(RefusedToStart):
    """A setting is unknown or out of range."""


class ForeignState(RefusedToStart):
    """State that was written for another topic, partition count or version."""


class Unreadable(ForeignState):
    """State of a form that this version does not read, or bytes that are damaged; the text says which."""


class Stopped(DistillwatchError):
    """The worker stopped by its own rule; the text names the offset and the command that goes on."""
