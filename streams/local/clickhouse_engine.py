"""The embedded ClickHouse engine: one for a data directory, a connection for each statement."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chdb
from msgspec import Struct

from streams.local.clickhouse_statement import Statement

_SETTING = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_CODE = re.compile(r"Code: (\d+)\. ")


class Answer(Struct, frozen=True, kw_only=True):
    """What a statement gave: `body` in its format, and what it read, wrote and took."""

    body: bytes = b""
    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    elapsed_ns: int = 0


class EngineError(Exception):
    """The engine refused a statement; `code` is ClickHouse's."""

    def __init__(self, text: str, code: int | None = None) -> None:
        start = text.find("Code: ")
        found = _CODE.search(text)
        self.code = code if code is not None else int(found[1]) if found else 1002
        super().__init__(text[start:].strip() if start >= 0 else f"Code: {self.code}. DB::Exception: {text}")


class Engine:
    """The tables under `path`; one process for a path, 320 to 470 MB of memory.

    Connections are cheap (0.3 ms) and share nothing but the tables: settings and the current database of one statement
    never reach another. `run` may be called from several threads.
    """

    def __init__(self, path: Path) -> None:
        """Open the directory; raises `EngineError`, also when another process has it open."""
        self._path = str(path)
        if "?" in self._path:
            raise EngineError(f"the path {path} holds a question mark, which ends a path here")
        try:
            self._root: Any = chdb.connect(self._path)  # keeps the engine up between statements
        except (RuntimeError, chdb.ChdbError) as error:
            raise EngineError(f"{str(error).rstrip()} (perhaps another process has the directory open)") from None
        text = self._root.query("SELECT version(), timezone()", "TabSeparated").bytes().decode()
        self.version, self.timezone = text.rstrip("\n").split("\t")

    def close(self) -> None:
        """Close the engine; statements that run are abandoned, what was acknowledged is on disk."""
        self._root.close()

    def run(self, statement: Statement, *, read_only: bool = False) -> Answer:
        """Run one statement to its end; raises `EngineError` with ClickHouse's code and text."""
        with self._connection() as connection:
            try:
                _prepare(connection, statement, read_only=read_only)
                if statement.data is not None:
                    return _insert(connection, statement, statement.data)
                return _query(connection, statement)
            except (RuntimeError, chdb.ChdbError) as error:
                raise EngineError(str(error)) from None

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        connection = chdb.connect(self._path)
        try:
            yield connection
        finally:
            connection.close()


def _prepare(connection: Any, statement: Statement, *, read_only: bool) -> None:
    if statement.database:
        connection.query("USE {database:Identifier}", "TabSeparated", params={"database": statement.database})
    for name, value in statement.settings.items():
        if not _SETTING.match(name):
            raise EngineError("a setting's name is a word", 115)
        connection.query(f"SET {name} = {quoted(value)}", "TabSeparated")
    if read_only:
        connection.query("SET readonly = 2", "TabSeparated")


def _query(connection: Any, statement: Statement) -> Answer:
    result = connection.query(statement.sql, statement.format, params=statement.params)
    return Answer(
        body=result.bytes() or b"",
        read_rows=result.rows_read(),
        read_bytes=result.bytes_read(),
        elapsed_ns=int(result.elapsed() * 1e9),
    )


def _insert(connection: Any, statement: Statement, data: bytes) -> Answer:
    if statement.params:
        raise EngineError("an insert with data takes no query parameters here", 48)
    with connection.send_insert(statement.sql, statement.format) as stream:
        stream.append(data)
        result = stream.finish()
    rows = result.rows_written
    return Answer(written_rows=rows, written_bytes=result.bytes_written, elapsed_ns=int(result.elapsed * 1e9))


def quoted(value: str) -> str:
    r"""A value as a string literal of ClickHouse's SQL.

    >>> print(quoted("it's \\ 1"))
    'it\'s \\ 1'
    """
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
