"""The client: a connection as the settings say, and what each failure of ClickHouse means to us.

    nobody answers: refused, reset, no such host, timed out, a proxy's 5xx     RetryLater
    RETRYABLE code: too many parts, out of memory, read-only for now, ...      RetryLater
    REFUSED code: wrong password, no access, database or table missing         RefusedToStart
    the server's certificate is not trusted                                    RefusedToStart
    any other code: our statement or our data is wrong                         the driver's error: a bug

The texts hold the address and ClickHouse's name for the failure, never a statement, a value or a password.
"""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import clickhouse_connect
from clickhouse_connect.driver import options
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, Error, OperationalError
from clickhouse_connect.driver.httputil import get_pool_manager
from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)

from schemas.errors import DistillwatchError, RefusedToStart, RetryLater
from streams.settings import ClickHouseSettings

# The driver asks with every insert whether it was given a data frame, and for that loads pandas where it is installed, as beside chdb:
# half a second in the midst of the work, and 70 MB. Ours are lists; so it is told that there is no pandas.
options.pd = None

CONNECT_SECONDS = 5
ANSWER_SECONDS = 60
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

RETRYABLE = {
    3: "UNEXPECTED_END_OF_FILE",
    159: "TIMEOUT_EXCEEDED",
    160: "TOO_SLOW",
    198: "DNS_ERROR",
    201: "QUOTA_EXCEEDED",
    202: "TOO_MANY_SIMULTANEOUS_QUERIES",
    203: "NO_FREE_CONNECTION",
    209: "SOCKET_TIMEOUT",
    210: "NETWORK_ERROR",
    225: "NO_ZOOKEEPER",
    236: "ABORTED",
    241: "MEMORY_LIMIT_EXCEEDED",
    242: "TABLE_IS_READ_ONLY",
    243: "NOT_ENOUGH_SPACE",
    252: "TOO_MANY_PARTS",
    254: "NO_ACTIVE_REPLICAS",
    279: "ALL_CONNECTION_TRIES_FAILED",
    285: "TOO_FEW_LIVE_REPLICAS",
    286: "UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE",
    289: "REPLICA_IS_NOT_IN_QUORUM",
    319: "UNKNOWN_STATUS_OF_INSERT",
    394: "QUERY_WAS_CANCELLED",
    425: "SYSTEM_ERROR",
    439: "CANNOT_SCHEDULE_TASK",
    473: "DEADLOCK_AVOIDED",
    499: "S3_ERROR",
    745: "SERVER_OVERLOADED",
    999: "KEEPER_EXCEPTION",
}
_MIGRATE = "`distillwatch migrate` creates what is missing"
_CREDENTIALS = "look at the settings clickhouse.username and clickhouse.password"
REFUSED = {
    16: ("NO_SUCH_COLUMN_IN_TABLE", _MIGRATE),
    60: ("UNKNOWN_TABLE", _MIGRATE),
    81: ("UNKNOWN_DATABASE", _MIGRATE),
    164: ("READONLY", "the user may not write"),
    192: ("UNKNOWN_USER", _CREDENTIALS),
    193: ("WRONG_PASSWORD", _CREDENTIALS),
    194: ("REQUIRED_PASSWORD", _CREDENTIALS),
    497: ("ACCESS_DENIED", "the user lacks a grant"),
    516: ("AUTHENTICATION_FAILED", _CREDENTIALS),
}
_STATUS = re.compile(r"received HTTP status (\d{3})")
_ABSENCES: tuple[tuple[type[Exception], str], ...] = (  # the more exact first: urllib3's inherit from one another
    (ConnectionRefusedError, "connection refused"),
    (NameResolutionError, "no such host"),
    (NewConnectionError, "cannot connect"),
    (ConnectTimeoutError, "no answer to the connection"),
    (ReadTimeoutError, "no answer in time"),
    (ProtocolError, "connection broken"),
)


def connect(settings: ClickHouseSettings, *, database: bool = True, answer_seconds: int = ANSWER_SECONDS) -> Client:
    """A client of the HTTP interface, safe to use from several threads; `database=False` works before it exists.

    Costs two small queries. Raises `RetryLater` or `RefusedToStart` as the table above says; so do not wrap it in
    `failures` again.
    """
    with failures(settings):
        return clickhouse_connect.get_client(
            host=settings.host,
            port=settings.port,
            username=settings.username,
            password=settings.password.get_secret_value(),
            database=settings.database if database else "default",
            interface="https" if settings.secure else "http",
            ca_cert=str(settings.ca_cert) if settings.ca_cert else None,
            connect_timeout=CONNECT_SECONDS,
            send_receive_timeout=answer_seconds,
            compress="lz4",
            client_name="distillwatch",
            autogenerate_session_id=False,  # a session serves one query at a time
            # A proxy of the environment is for other hosts.
            pool_mgr=get_pool_manager() if settings.host in _LOOPBACK and not settings.secure else None,
        )


@contextmanager
def failures(settings: ClickHouseSettings) -> Iterator[None]:
    """Turn the driver's errors of the body into ours, as the table above says; the others pass."""
    try:
        yield
    except ClickHouseError as error:
        ours = meaning(error, f"{settings.host}:{settings.port}")
        if ours is None:
            raise
        raise ours from None  # the driver's text holds the statement's URL


def meaning(error: ClickHouseError, address: str) -> DistillwatchError | None:
    """What a failure means; None when it is a bug."""
    code = error.code if isinstance(error, Error) else None
    if code in RETRYABLE:
        return RetryLater(f"ClickHouse at {address} cannot now: {RETRYABLE[code]} (code {code})")
    if code in REFUSED:
        name, advice = REFUSED[code]
        return RefusedToStart(f"ClickHouse at {address} refuses: {name} (code {code}); {advice}")
    if code is not None:
        return None
    status = _STATUS.search(str(error))
    if status is not None:
        return _of_status(int(status[1]), address)
    if not isinstance(error, OperationalError):
        return None
    return _of_transport(error, address)


def _of_transport(error: ClickHouseError, address: str) -> DistillwatchError:
    """No answer at all, or one that broke off."""
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return RefusedToStart(
            f"ClickHouse at {address}: certificate not trusted; look at the setting clickhouse.ca_cert"
        )
    found = (text for kind, text in _ABSENCES for cause in causes if isinstance(cause, kind))
    why = next(found, "the answer broke off")
    return RetryLater(f"ClickHouse at {address} is away: {why}")


def _of_status(status: int, address: str) -> DistillwatchError:
    """An answer without ClickHouse's error code: a proxy between us spoke, or another server."""
    if status >= 500 or status == 429:
        return RetryLater(f"ClickHouse at {address} is away: HTTP status {status}")
    return RefusedToStart(
        f"what answers at {address} is not ClickHouse (HTTP status {status}); look at clickhouse.port"
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The errors below an error, each once: urllib3 keeps some as `reason` or as an argument."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
