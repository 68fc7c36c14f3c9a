"""Every failure has one of our fates, and says nothing that should not be said."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, DataError, OperationalError
from urllib3 import HTTPSConnectionPool
from urllib3.exceptions import MaxRetryError, SSLError

from schemas.errors import RefusedToStart, RetryLater
from streams.clickhouse import RowStore, connect, migrate, verify
from streams.clickhouse.client import REFUSED, RETRYABLE, failures, meaning
from streams.settings import ClickHouseSettings
from tests.streams.clickhouse.conftest import free_port
from tests.streams.clickhouse.engine import EngineProcess, number, window

SECRET = "s3cret-password"  # noqa: S105 - to look for in texts


@contextmanager
def answering(*parts: bytes) -> Iterator[int]:
    """A server that answers each connection with the bytes and closes it; with none it never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            try:
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(65_536)
                        for part in parts:
                            connection.sendall(part)
            except OSError:  # the listener is closed
                return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def test_nobody_at_the_port_is_a_retry_that_names_the_address() -> None:
    port = free_port()
    settings = ClickHouseSettings.model_validate({"port": port, "password": SECRET})
    for attempt in (
        lambda: RowStore(settings).insert([window(1)]),
        lambda: migrate(settings),
        lambda: verify(settings),
    ):
        with pytest.raises(RetryLater, match=f"^ClickHouse at 127.0.0.1:{port} is away: connection refused$"):
            attempt()


def test_an_unknown_host_is_a_retry() -> None:
    with pytest.raises(RetryLater, match="is away: no such host"):
        connect(ClickHouseSettings.model_validate({"host": "clickhouse.invalid"}))


def test_an_answer_that_breaks_off_is_a_retry() -> None:
    with answering(b"") as port, pytest.raises(RetryLater, match="is away: connection broken"):
        connect(ClickHouseSettings.model_validate({"port": port}))


@pytest.mark.parametrize("status", ["500 Oops", "502 Bad Gateway", "503 Service Unavailable", "429 Too Many Requests"])
def test_a_proxy_that_answers_for_clickhouse_is_a_retry(status: str) -> None:
    with answering(http(status, b"<html>")) as port, pytest.raises(RetryLater, match=status[:3]):
        connect(ClickHouseSettings.model_validate({"port": port}))


def test_another_server_at_the_port_is_refused() -> None:
    with answering(http("404 Not Found", b"nothing")) as port, pytest.raises(RefusedToStart, match="is not ClickHouse"):
        connect(ClickHouseSettings.model_validate({"port": port}))


def test_a_wrong_password_is_refused_and_not_shown() -> None:
    text = b"Code: 516. DB::Exception: default: Authentication failed: password is incorrect. (AUTHENTICATION_FAILED)"
    answer = http("403 Forbidden", text, "X-ClickHouse-Exception-Code: 516")
    with answering(answer) as port, pytest.raises(RefusedToStart, match="AUTHENTICATION_FAILED") as refused:
        connect(ClickHouseSettings.model_validate({"port": port, "password": SECRET}))
    assert SECRET not in str(refused.value)
    assert "clickhouse.password" in str(refused.value)


def test_a_database_that_is_missing_is_refused_and_names_the_command(empty: ClickHouseSettings) -> None:
    with pytest.raises(RefusedToStart, match=r"UNKNOWN_DATABASE.*`distillwatch migrate`"):
        RowStore(empty).insert([window(1)])


def test_a_table_that_is_missing_is_refused_and_names_the_command(settings: ClickHouseSettings) -> None:
    with connect(settings) as client:
        client.command("DROP TABLE tenant_window_versions")
    with pytest.raises(RefusedToStart, match=r"UNKNOWN_TABLE.*`distillwatch migrate`"):
        RowStore(settings).insert([window(1)])


@pytest.mark.parametrize("code", RETRYABLE)
def test_what_passes_by_itself_is_a_retry(code: int) -> None:
    ours = meaning(DatabaseError("Received ClickHouse exception: SELECT 'private'", code=code), "host:1")
    assert isinstance(ours, RetryLater)
    assert str(code) in str(ours)
    assert "private" not in str(ours)


@pytest.mark.parametrize("code", REFUSED)
def test_what_needs_a_person_is_refused(code: int) -> None:
    assert isinstance(meaning(DatabaseError("", code=code), "host:1"), RefusedToStart)


@pytest.mark.parametrize("error", [DatabaseError("", code=62), OperationalError("", code=53), DataError("bad value")])
def test_what_is_our_own_mistake_is_neither(error: DatabaseError) -> None:
    assert meaning(error, "host:1") is None
    with pytest.raises(type(error)), failures(ClickHouseSettings()):
        raise error


def test_an_untrusted_certificate_is_refused() -> None:
    error = OperationalError("Error executing HTTP request")
    error.__cause__ = MaxRetryError(
        HTTPSConnectionPool("host"), "/", SSLError(ssl.SSLCertVerificationError("self-signed"))
    )
    ours = meaning(error, "host:1")
    assert isinstance(ours, RefusedToStart)
    assert "certificate not trusted" in str(ours)


def test_a_store_goes_on_with_the_same_rows_after_the_engine_was_away(own_engine: EngineProcess) -> None:
    settings = own_engine.settings("away")
    store = RowStore(settings)
    own_engine.start()
    migrate(settings)
    store.insert([window(1)])
    own_engine.kill()
    with pytest.raises(RetryLater):
        store.insert([window(2)])
    own_engine.start()
    store.insert([window(2)])
    assert number(settings, "SELECT count() FROM tenant_windows") == 2
