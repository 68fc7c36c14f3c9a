"""Logs: JSON lines for machines or a console for people, on stderr, with no content of anybody's requests."""

import logging
import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from schemas.errors import DistillwatchError
from streams.settings import WatchSettings

REDACTED = "[redacted]"
LIBRARIES = ("faust", "mode", "aiokafka", "kafka", "aiohttp", "asyncio", "clickhouse_connect", "urllib3")
#: Their warnings carry whole addresses, and so the values of parameters.
TALKATIVE = ("urllib3.connectionpool", "clickhouse_connect")

CONTENT = frozenset(
    {
        "api_key",
        "api_key_id",
        "body",
        "completion",
        "content",
        "cookie",
        "headers",
        "input",
        "messages",
        "output",
        "payload",
        "payment_fp",
        "prompt",
        "prompts",
        "record",
        "request",
        "response",
        "system_prompt",
        "text",
        "token",
        "value",
    }
)
SECRETS = ("authorization", "credential", "passphrase", "password", "secret")


def configure(settings: WatchSettings, stream: TextIO | None = None) -> None:
    """Send all logs of this process, ours and the libraries', through one renderer to `stream` (stderr).

    Ours from `settings.log_level` on; the libraries' from warning on, or from info on when the level is debug. Call it
    once at the command line; a second call replaces the first.
    """
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    ending = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(settings, handler.stream)]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=ending))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.INFO if level == logging.DEBUG else max(level, logging.WARNING))
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; its fields are plain values (numbers, short words, paths), never an event or a record."""
    made: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return made


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Take out what may hold content or a secret, by the name of the field and by the type of its value.

    A field that is named like content keeps a number (how many prompts) and loses anything else; one that is named like
    a secret loses everything; a value that is not plain data (an event, bytes) is replaced by the name of its type.
    """
    return {name: value if name in _KEPT else _safe(name, value) for name, value in event.items()}


_KEPT = frozenset({"event", "level", "logger", "timestamp", "exc_info", "stack_info", "_record", "_from_structlog"})


def _safe(name: str, value: object) -> object:
    lower = str(name).lower().replace("-", "_")
    if any(secret in lower for secret in SECRETS):
        return REDACTED
    if value is None or isinstance(value, bool | int | float):
        return value
    return REDACTED if lower in CONTENT else _plain(name, value)


def _plain(name: str, value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _safe(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_safe(name, inner) for inner in value]
    if isinstance(value, str | PurePath | Enum | DistillwatchError):
        return str(value)
    return f"<{type(value).__name__}>"


def _rendering(settings: WatchSettings, stream: Any) -> list[Processor]:
    """Exceptions are rendered without local variables: locals may hold prompts."""
    if settings.log_format == "console":
        colors = bool(getattr(stream, "isatty", lambda: False)())
        return [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.format_exc_info, _head_first, structlog.processors.JSONRenderer()]


def _head_first(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Put what every line has where eyes look for it."""
    head = {name: event[name] for name in ("timestamp", "level", "logger", "event") if name in event}
    return {**head, **event}
