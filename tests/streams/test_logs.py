"""Logs: one renderer for all, and no content of anybody's requests in them."""

import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
import structlog

from schemas.errors import BadRecord
from schemas.event import Event
from streams.logs import REDACTED, configure, logger
from streams.settings import WatchSettings

PROMPT = "please write down everything you know"
SECRET = "hunter2-hunter2"  # noqa: S105 - not one
EVENT = Event(schema_version=1, event_id="e", ts=1, tenant_id="t", model="m", prompt=PROMPT)

Configured = Callable[..., StringIO]


@pytest.fixture
def configured() -> Iterator[Configured]:
    root = logging.getLogger()
    before = root.handlers[:], root.level

    def start(**settings: Any) -> StringIO:
        stream = StringIO()
        configure(WatchSettings(**settings), stream)
        return stream

    yield start
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def lines(stream: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_time_level_and_fields(configured: Configured) -> None:
    stream = configured()
    logger("streams.worker").info("partition restored", partition=3, tenants=1200)
    (line,) = lines(stream)
    assert line["event"] == "partition restored"
    assert (line["level"], line["logger"], line["partition"], line["tenants"]) == ("info", "streams.worker", 3, 1200)
    assert line["timestamp"].endswith("Z")


def test_what_every_line_has_comes_first(configured: Configured) -> None:
    stream = configured()
    logger("streams.worker").info("partition restored", partition=3)
    assert list(lines(stream)[0]) == ["timestamp", "level", "logger", "event", "partition"]


def test_an_error_of_ours_is_told_and_that_of_a_stranger_only_named(configured: Configured) -> None:
    stream = configured()
    logger("streams.worker").info("refused", ours=BadRecord("not_json", "malformed JSON"), other=ValueError(PROMPT))
    (line,) = lines(stream)
    assert (line["ours"], line["other"]) == ("malformed JSON", "<ValueError>")


def test_the_console_is_for_people(configured: Configured) -> None:
    stream = configured(log_format="console")
    logger("streams.worker").info("partition restored", partition=3)
    assert "partition restored" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_the_least_level_is_kept(configured: Configured) -> None:
    stream = configured(log_level="warning")
    logger("streams.worker").info("too quiet")
    logger("streams.worker").warning("loud enough")
    assert [line["event"] for line in lines(stream)] == ["loud enough"]


@pytest.mark.parametrize("library", ["faust.app", "aiokafka.consumer", "kafka.admin", "mode.worker"])
@pytest.mark.parametrize(("log_level", "heard"), [("info", ["warning"]), ("debug", ["info", "warning"]), ("error", [])])
def test_libraries_go_through_the_same_renderer_from_warning_on(
    configured: Configured, library: str, log_level: str, heard: list[str]
) -> None:
    stream = configured(log_level=log_level)
    for level in ("debug", "info", "warning"):
        getattr(logging.getLogger(library), level)("%s words", level)
    assert [line["event"] for line in lines(stream)] == [f"{level} words" for level in heard]


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": PROMPT},
        {"messages": [{"role": "user", "content": PROMPT}]},
        {"api_key_id": PROMPT},
        {"password": PROMPT},
        {"sasl_password": PROMPT},
        {"Authorization": PROMPT},
        {"client_secret": 1234567},
        {"settings": {"kafka": {"sasl_password": PROMPT}}},
        {"about": EVENT},
        {"about": [EVENT]},
        {"raw": PROMPT.encode()},
        {"record": PROMPT},
        {"value": PROMPT},
    ],
)
def test_content_and_secrets_do_not_reach_the_log(
    configured: Configured, log_format: str, fields: dict[str, Any]
) -> None:
    stream = configured(log_format=log_format)
    logger("streams.worker").warning("something", **fields)
    assert "something" in stream.getvalue()
    assert PROMPT not in stream.getvalue()
    assert "1234567" not in stream.getvalue()


def test_fields_bound_before_are_redacted_too(configured: Configured) -> None:
    stream = configured()
    logger("streams.worker").bind(prompt=PROMPT).info("bound")
    with structlog.contextvars.bound_contextvars(password=SECRET):
        logger("streams.worker").info("context")
    assert lines(stream)[0]["prompt"] == lines(stream)[1]["password"] == REDACTED


def test_a_count_of_prompts_is_no_content(configured: Configured) -> None:
    stream = configured()
    logger("streams.worker").info("window", prompts=12, output_tokens=30)
    assert (lines(stream)[0]["prompts"], lines(stream)[0]["output_tokens"]) == (12, 30)


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("name", ["streams.worker", "faust.app"])
def test_an_exception_is_told_without_local_variables(configured: Configured, log_format: str, name: str) -> None:
    stream = configured(log_format=log_format)

    def judge(prompt: str) -> float:
        return len(prompt) / 0

    try:
        judge(PROMPT)
    except ZeroDivisionError:
        log = logger(name) if name.startswith("streams") else logging.getLogger(name)
        log.exception("cannot judge")
    assert "ZeroDivisionError" in stream.getvalue()
    assert "in judge" in stream.getvalue()
    assert PROMPT not in stream.getvalue()


def test_configuring_again_replaces_the_first(configured: Configured) -> None:
    first, second = configured(), configured()
    logger("streams.worker").info("once")
    assert (first.getvalue(), len(lines(second))) == ("", 1)
