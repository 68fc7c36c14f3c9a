"""Both parts as one, for real, and the commands around them."""

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from schemas.errors import RefusedToStart
from streams.cli import app
from streams.local.clickhouse import LocalClickHouse
from streams.local.kafka import LocalKafka
from streams.local.ports import LOOPBACK, free_ports
from streams.local.stack import Stack, ensure_secret
from streams.settings import Settings
from tests.conftest import MakeSettings


@pytest.fixture
def settings(tmp_path: Path, jars: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings for two parts of this test's own, whose jars are there; the environment's directory may hold an earlier run's topics."""
    monkeypatch.delenv("DISTILLWATCH_LOCAL__DIRECTORY", raising=False)
    port = free_ports(3)
    directory = tmp_path / "parts"
    (directory / jars.parent.name).mkdir(parents=True)
    (directory / jars.parent.name / jars.name).symlink_to(jars)
    own = Settings.model_validate(
        {
            "kafka": {"bootstrap_servers": f"localhost:{port}"},
            "clickhouse": {"port": port + 2},
            "local": {"directory": directory, "kafka_heap_mb": 192},
        }
    )
    yield own
    Stack(own).kill()


@pytest.mark.clickhouse
def test_both_parts_start_once_and_stop_once_and_each_verb_says_what_it_did(settings: Settings) -> None:
    said: list[str] = []
    stack = Stack(settings)
    assert stack.start(said.append) == ["kafka", "clickhouse"]
    assert stack.start(said.append) == []
    assert [state.answers for state in Stack(settings).status()] == [True, True]
    assert Stack(settings).stop(said.append) == ["clickhouse", "kafka"]
    assert stack.stop(said.append) == []
    assert [state.pid for state in stack.status()] == [None, None]
    words = [line.split(" ", 1)[1].split(" at ")[0] for line in said]
    assert words == ["started"] * 2 + ["already running"] * 2 + ["stopped"] * 2 + ["was not running"] * 2


@pytest.mark.clickhouse
def test_when_the_second_part_cannot_start_the_first_is_stopped_again(settings: Settings) -> None:
    with (
        socket.create_server((LOOPBACK, settings.clickhouse.port)),
        pytest.raises(RefusedToStart, match=f"port {settings.clickhouse.port} is taken"),
    ):
        Stack(settings).start()
    assert [state.pid for state in Stack(settings).status()] == [None, None]


@pytest.mark.clickhouse
def test_the_engine_answers_again_after_a_kill(tmp_path: Path) -> None:
    engine = LocalClickHouse(tmp_path, free_ports())
    assert engine.start()
    assert engine.kill()
    assert not engine.answers()
    assert engine.start()
    assert engine.answers()
    assert engine.stop()


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"kafka": {"bootstrap_servers": "kafka.example:9092"}, "clickhouse": {"host": "clickhouse.example"}},
        {"kafka": {"bootstrap_servers": "127.0.0.1:1,127.0.0.1:2"}, "clickhouse": {"secure": True}},
        {"kafka": {"security_protocol": "SSL"}, "clickhouse": {"host": "10.0.0.1"}},
    ],
)
def test_what_others_run_is_left_to_them(elsewhere: dict[str, dict[str, object]], tmp_path: Path) -> None:
    said: list[str] = []
    stack = Stack(Settings.model_validate({**elsewhere, "local": {"directory": tmp_path}}))
    assert stack.start(said.append) == []
    assert stack.status() == []
    assert [line.split(":")[0] for line in said] == ["kafka is external", "clickhouse is external"]


def test_two_commands_at_once_do_not_start_or_stop_over_each_other(tmp_path: Path) -> None:
    settings = Settings.model_validate({"local": {"directory": tmp_path}, "clickhouse": {"port": free_ports()}})
    inner: list[RefusedToStart] = []

    def start_again(_: str) -> None:
        with pytest.raises(RefusedToStart, match="another command is starting or stopping") as refused:
            Stack(settings).stop()
        inner.append(refused.value)

    Stack(settings).stop(start_again)
    assert len(inner) == 2


def test_the_secret_is_made_once_and_is_its_owners_only(tmp_path: Path) -> None:
    file = ensure_secret(tmp_path / "parts")
    first = file.read_text()
    assert len(bytes.fromhex(first)) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert ensure_secret(tmp_path / "parts").read_text() == first
    assert [path.name for path in file.parent.iterdir()] == ["secret"]


def test_a_directory_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RefusedToStart, match="cannot make the directory"):
        ensure_secret(tmp_path / "file" / "parts")


@pytest.mark.clickhouse
def test_the_commands_carry_a_file_into_a_topic_of_the_embedded_broker(settings: Settings, tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text(
        f'[kafka]\nbootstrap_servers = "{settings.kafka.bootstrap_servers}"\n'
        f"[clickhouse]\nport = {settings.clickhouse.port}\n"
        f'[local]\nkafka_heap_mb = 192\ndirectory = "{settings.local.directory}"\n'
    )
    events = tmp_path / "events.jsonl"
    events.write_bytes(b'{"tenant_id":"a"}\nbroken\n\n')

    def run(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, ["--config", str(config), *arguments])
        assert result.exit_code == code, result.output
        return result.output

    assert "stopped" in run("local", "status", code=1)
    assert "kafka: nothing to install" in run("local", "install")
    assert "clickhouse: started" in run("local", "start")
    assert "running" in run("local", "status")
    run("topics", "--check", code=1)
    assert "created" in run("topics")
    assert "created" not in run("topics")
    assert run("replay", str(events), "--twice", "--speed", "60").startswith("4 records sent")
    assert "--flat-out goes without" in run("replay", str(events), "--flat-out", "--rate", "5", code=2)
    assert "kafka: stopped" in run("local", "stop", "--kill")


def test_a_part_that_answers_at_a_chosen_port_is_used_and_left_alone(
    make_settings: MakeSettings, kafka: LocalKafka, clickhouse: LocalClickHouse
) -> None:
    stack = Stack(make_settings())
    said: list[str] = []
    assert stack.start(said.append) == []
    assert [line.split(":")[0] for line in said] == ["kafka is external", "clickhouse is external"]
    assert stack.stop() == []
    assert kafka.answers()
    assert clickhouse.answers()
