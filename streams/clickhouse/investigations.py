"""Investigations: named questions to ClickHouse, each an SQL file whose header says what it asks and what it takes.

The header's lines are `-- Question:`, any number of `-- Parameter: name = default : meaning`, `-- Result:` and
`-- Cost:`; a parameter's type stands in the statement, `{name:Type}`, where the server puts the value in.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from clickhouse_connect.driver.exceptions import DatabaseError
from msgspec import Struct

from schemas.errors import RefusedToStart
from streams.clickhouse.client import connect, failures
from streams.settings import ClickHouseSettings

ANSWER_SECONDS = 600
_HEADER = re.compile(r"^-- (Question|Parameter|Result|Cost): (.+)$", re.MULTILINE)
_PARAMETER = re.compile(r"(\w+) = (NULL|'(.*?)'|\S+) : (.+)")
_PLACE = re.compile(r"\{(\w+):([^}]+)\}")
_WRONG_VALUE = re.compile(r"query parameter '(\w+)'")
_WRONG_CODES = (456, 457, 691)  # UNKNOWN_QUERY_PARAMETER, BAD_QUERY_PARAMETER, UNKNOWN_ELEMENT_OF_ENUM


class BadQuestion(RefusedToStart):
    """No such investigation or parameter, or a value that is not of its type; the text names what there is."""


class Parameter(Struct, frozen=True, kw_only=True):
    """What a question takes; `default` None is SQL's NULL, `kind` is ClickHouse's type."""

    name: str
    kind: str
    default: str | None
    meaning: str


class Investigation(Struct, frozen=True, kw_only=True):
    """One question, as its file says it."""

    name: str
    question: str
    parameters: tuple[Parameter, ...]
    result: str
    cost: str
    sql: str

    def values(self, given: Mapping[str, str]) -> dict[str, str | None]:
        """A value for every parameter, given or default, as ClickHouse reads it. Raises `BadQuestion`."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                raise BadQuestion(f"the investigation {self.name} has no parameter {name!r}; it has {', '.join(known)}")
        values: dict[str, str | None] = {name: parameter.default for name, parameter in known.items()}
        for name, text in given.items():
            values[name] = self._moment(name, text) if "DateTime64" in known[name].kind else text
        return values

    def ask(self, settings: ClickHouseSettings, given: Mapping[str, str]) -> "Answer":
        """Ask ClickHouse. Raises `BadQuestion`, `RetryLater` or `RefusedToStart`."""
        values = self.values(given)
        with connect(settings, answer_seconds=ANSWER_SECONDS) as client, failures(settings):
            try:
                result = client.query(self.sql, parameters=values, tz_mode="aware")
            except DatabaseError as error:
                if error.code in _WRONG_CODES:
                    raise self._wrong(str(error), values) from None
                raise
        return Answer(columns=tuple(result.column_names), rows=tuple(tuple(row) for row in result.result_rows))

    def _moment(self, name: str, text: str) -> str:
        """A time as people write it (ISO 8601; UTC unless it has an offset), as ClickHouse reads it."""
        try:
            moment = datetime.fromisoformat(text)
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise BadQuestion(
                f"the investigation {self.name} takes a time like 2026-09-30T12:00Z as {name}, not {text!r}"
            ) from None
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]

    def _wrong(self, text: str, values: Mapping[str, str | None]) -> BadQuestion:
        found = _WRONG_VALUE.search(text)
        wrong = next((parameter for parameter in self.parameters if found and parameter.name == found[1]), None)
        if wrong is None:
            meanings = "; ".join(f"{parameter.name}: {parameter.meaning}" for parameter in self.parameters)
            return BadQuestion(f"a value given to the investigation {self.name} is none that it knows ({meanings})")
        what = f"a {wrong.kind} as {wrong.name}, not {values[wrong.name]!r}"
        return BadQuestion(f"the investigation {self.name} takes {what}")


class Answer(Struct, frozen=True, kw_only=True):
    """What ClickHouse answered: times are aware datetimes in UTC."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def investigations() -> dict[str, Investigation]:
    """Every question that comes with this code, by name."""
    folder = files("schemas.clickhouse").joinpath("investigations")
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    names = {file.name.removesuffix(".sql"): file.read_text(encoding="utf-8") for file in found}
    return {name: read_investigation(name, sql) for name, sql in names.items()}


def named(name: str) -> Investigation:
    """The question of that name; raises `BadQuestion` that lists the known ones."""
    known = investigations()
    if name not in known:
        raise BadQuestion(f"there is no investigation {name!r}; there are {', '.join(known)}")
    return known[name]


def read_investigation(name: str, sql: str) -> Investigation:
    r"""Read a file's header; raises `ValueError` when it does not agree with the statement.

    >>> sql = "-- Question: Q?\n-- Parameter: a = '' : A\n-- Result: R\n-- Cost: C\nSELECT {a:String}"
    >>> read = read_investigation("n", sql)
    >>> read.question, read.parameters
    ('Q?', (Parameter(name='a', kind='String', default='', meaning='A'),))
    """
    kinds = dict(_PLACE.findall(sql))
    lines: dict[str, list[str]] = {"Question": [], "Parameter": [], "Result": [], "Cost": []}
    for word, text in _HEADER.findall(sql):
        lines[word].append(text.strip())
    parameters = tuple(_parameter(name, text, kinds) for text in lines["Parameter"])
    if {parameter.name for parameter in parameters} != set(kinds):
        raise ValueError(f"{name}.sql: its header and its statement name different parameters")
    question, result, cost = (" ".join(lines[word]) for word in ("Question", "Result", "Cost"))
    return Investigation(name=name, question=question, parameters=parameters, result=result, cost=cost, sql=sql)


def _parameter(name: str, text: str, kinds: Mapping[str, str]) -> Parameter:
    found = _PARAMETER.fullmatch(text)
    if found is None or found[1] not in kinds:
        raise ValueError(f"{name}.sql: a parameter is not used, or not `name = default : meaning`: {text}")
    default = None if found[2] == "NULL" else found[3] if found[3] is not None else found[2]
    return Parameter(name=found[1], kind=kinds[found[1]], default=default, meaning=found[4])
