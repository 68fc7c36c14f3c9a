"""The embedded engine speaks ClickHouse's HTTP interface to the ordinary clients."""

import http.client
import subprocess
import sys
from urllib.parse import urlencode

import clickhouse_connect
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from streams.clickhouse import connect
from streams.settings import ClickHouseSettings
from tests.streams.clickhouse.conftest import free_port
from tests.streams.clickhouse.engine import ROOT, EngineProcess

Reply = tuple[int, bytes, dict[str, str]]


def request(
    engine: EngineProcess,
    method: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    setting: tuple[str, str] | None = None,
    **args: str,
) -> Reply:
    args |= dict([setting] if setting else [])
    connection = http.client.HTTPConnection("127.0.0.1", engine.port, timeout=20)
    try:
        connection.request(method, f"/?{urlencode(args)}" if args else "/", body or None, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())
    finally:
        connection.close()


@pytest.mark.parametrize("compress", [False, "lz4", "zstd", "gzip"])
def test_the_ordinary_client_queries_inserts_and_commands(empty: ClickHouseSettings, compress: bool | str) -> None:  # noqa: FBT001
    client = clickhouse_connect.get_client(port=empty.port, compress=compress)
    with client:
        client.command("CREATE OR REPLACE TABLE some (a UInt32, b Nullable(String), c Array(Float64)) ENGINE Memory")
        client.insert("some", [[1, "x", [1.5]], [2, None, []]], column_names=["a", "b", "c"])
        assert client.query("SELECT * FROM some ORDER BY a").result_rows == [(1, "x", [1.5]), (2, None, [])]
        assert client.command("SELECT count() FROM some") == 2
        client.command("DROP TABLE some")


async def test_the_asynchronous_client_works_as_well(empty: ClickHouseSettings) -> None:
    client = await clickhouse_connect.get_async_client(port=empty.port)
    async with client:
        await client.command("CREATE OR REPLACE TABLE async_some (a UInt32) ENGINE Memory")
        await client.insert("async_some", [[number] for number in range(1000)], column_names=["a"])
        result = await client.query("SELECT sum(a) FROM async_some WHERE a < {most:UInt32}", parameters={"most": 10})
        assert result.result_rows == [(45,)]


def test_settings_and_databases_stay_with_their_request(settings: ClickHouseSettings) -> None:
    with connect(settings) as client:
        ask = "SELECT getSetting('max_threads'), currentDatabase()"
        assert client.query(ask, settings={"max_threads": 3}).first_row == (3, settings.database)
        assert client.query(ask).result_rows[0][0] != 3
        assert client.query("SELECT getSetting('log_comment')", settings={"log_comment": "it's \\ "}).first_row == (
            "it's \\ ",
        )


@pytest.mark.parametrize("name", ["max_threads = 1, readonly", "a b", "1x", ""])
def test_a_setting_that_is_not_a_word_is_refused(engine: EngineProcess, name: str) -> None:
    status, body, headers = request(engine, "POST", b"SELECT 1", setting=(name, "1"))
    assert (status, headers["X-ClickHouse-Exception-Code"]) == (400, "115")
    assert b"DB::Exception" in body


def test_errors_carry_the_code_of_clickhouse(engine: EngineProcess, settings: ClickHouseSettings) -> None:
    with connect(settings) as client:
        for sql, code in (("SELECT * FROM nowhere", 60), ("SELEC 1", 62), ("SELECT {a:UInt8}", 456)):
            with pytest.raises(DatabaseError) as raised:
                client.command(sql)
            assert raised.value.code == code
    assert request(engine, "POST", b"SELECT 1", database="no`where")[2]["X-ClickHouse-Exception-Code"] == "81"
    assert request(engine, "POST", b"not zstd", {"Content-Encoding": "zstd"})[0] == 400
    assert request(engine, "POST", b"SELECT 1", {"Content-Encoding": "rot13"})[0] == 400
    assert request(engine, "POST", b"\xff")[0] == 400


def test_a_browser_and_a_get_request_change_nothing(engine: EngineProcess) -> None:
    assert request(engine, "GET")[:2] == (200, b"Ok.\n")
    assert request(engine, "GET", query="SELECT 1")[:2] == (200, b"1\n")
    assert request(engine, "GET", query="CREATE TABLE default.got (a Int8) ENGINE Memory")[0] == 400
    assert request(engine, "POST", b"SELECT 1", {"Origin": "https://page.example"})[0] == 403


def test_an_insert_may_come_in_text_and_be_split_between_address_and_body(engine: EngineProcess) -> None:
    assert request(engine, "POST", b"CREATE OR REPLACE TABLE default.text (a Int8, b String) ENGINE Memory")[0] == 200
    assert request(engine, "POST", b'{"a":1,"b":"x"}', query="INSERT INTO text FORMAT JSONEachRow")[0] == 200
    assert request(engine, "POST", b"INSERT INTO text (a, b) VALUES (2, 'FORMAT CSV')")[0] == 200
    assert request(engine, "POST", b"INSERT INTO text SELECT 3, 'z'")[0] == 200
    seen = request(engine, "POST", b"SELECT * FROM text ORDER BY a FORMAT CSV")[1]
    assert seen == b'1,"x"\n2,"FORMAT CSV"\n3,"z"\n'


def test_it_stops_when_asked_even_while_a_statement_runs(own_engine: EngineProcess) -> None:
    own_engine.start()
    slow = http.client.HTTPConnection("127.0.0.1", own_engine.port, timeout=20)
    slow.request(
        "POST",
        "/",
        b"SELECT sleepEachRow(1) FROM numbers(60) SETTINGS max_block_size = 1",
    )
    assert own_engine.stop() == 0  # it waits for less than the statement takes
    slow.close()
    own_engine.start()
    assert own_engine.stop() == 0


def test_two_processes_cannot_have_the_same_tables(engine: EngineProcess) -> None:
    command = [
        sys.executable,
        "-m",
        "streams.local.clickhouse_http",
        "--path",
        str(engine.path),
        "--port",
        str(free_port()),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert f"the ClickHouse engine cannot serve {engine.path}: " in done.stderr
    assert "Traceback" not in done.stderr
