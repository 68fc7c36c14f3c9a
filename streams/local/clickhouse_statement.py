"""One request of the ClickHouse HTTP interface, taken apart: the statement, its data, and what goes with it."""

import re
from collections.abc import Mapping

from msgspec import Struct

# Arguments of the interface itself; every other argument that is not `param_...` is a setting of the query.
_TRANSPORT = frozenset(
    {
        "query",
        "database",
        "default_format",
        "user",
        "password",
        "query_id",
        "quota_key",
        "role",
        "stacktrace",
        "session_id",
        "session_timeout",
        "session_check",
        "client_protocol_version",
        "compress",
        "decompress",
        "buffer_size",
        "wait_end_of_query",
        "enable_http_compression",
        "send_progress_in_http_headers",
        "http_headers_progress_interval_ms",
        "cancel_http_readonly_queries_on_client_close",
    }
)
_PARAM = "param_"

_SPACE = rb"(?:--[^\n]*\n|/\*.*?\*/|[\s(])*"
_READ = rb"(?:SELECT|WITH|SHOW|DESC|DESCRIBE|EXISTS|EXPLAIN|CHECK|VALUES|FROM)"
_INSERT = re.compile(rb"^" + _SPACE + rb"INSERT\s+INTO\b", re.IGNORECASE | re.DOTALL)
_ANSWERS = re.compile(rb"^" + _SPACE + _READ + rb"\b", re.IGNORECASE | re.DOTALL)
_DATA_FORMAT = re.compile(rb"\bFORMAT\s+(\w+)\b[ \t]*(?:\r?\n|;|$)", re.IGNORECASE)
_LAST_FORMAT = re.compile(rb"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)


class Statement(Struct, frozen=True, kw_only=True):
    """What to run. With `data` (encoded in `format`) it is an insert; without, `format` is that of the answer."""

    sql: str
    format: str
    data: bytes | None
    database: str | None
    params: dict[str, str]
    settings: dict[str, str]
    answers: bool


def read_statement(args: Mapping[str, str], body: bytes, *, default_format: str | None = None) -> Statement:
    """Take a request apart: `args` of URL and form, and the decompressed body.

    The statement is the argument `query` or the body's beginning; the data of an insert follow its FORMAT clause.
    Raises `ValueError` when there is no statement or it is not UTF-8.
    """
    query = args.get("query", "").encode()
    text = query + b"\n" + body if query and body else query or body
    if not text.strip():
        raise ValueError("the request holds no statement")
    sql, form, data = _split_insert(text) or (text, _answer_format(text) or default_format, None)
    return Statement(
        sql=sql.decode(),
        format=form or args.get("default_format") or "TabSeparated",
        data=data,
        database=args.get("database") or None,
        params={name.removeprefix(_PARAM): value for name, value in args.items() if name.startswith(_PARAM)},
        settings={
            name: value for name, value in args.items() if name not in _TRANSPORT and not name.startswith(_PARAM)
        },
        answers=data is None and _ANSWERS.match(sql) is not None,
    )


def _split_insert(text: bytes) -> tuple[bytes, str, bytes] | None:
    """The head, the format and the data of an insert that carries data; None for everything else."""
    if not _INSERT.match(text):
        return None
    found = _DATA_FORMAT.search(text)
    if found is None or found[1].lower() == b"values":
        return None
    return text[: found.start()], found[1].decode(), text[found.end() :]


def _answer_format(text: bytes) -> str | None:
    found = _LAST_FORMAT.search(text)
    return found[1].decode() if found else None
