"""Fetching the jars of Kafka: once, all at once, and with a clear word when it cannot be done."""

import shutil
from pathlib import Path

import pytest

from schemas.errors import RefusedToStart
from streams.local.kafka import LocalKafka

FETCHES = """#!/bin/sh
for argument; do case "$argument" in -DoutputDirectory=*) into="${argument#*=}";; esac; done
mkdir -p "$into"
touch "$into/kafka_2.13-4.3.0.jar" "$into/kafka-clients-4.3.0.jar" "$into/log4j-slf4j-impl-2.25.4.jar"
echo "java home: $JAVA_HOME" > "$(dirname "$0")/said"
"""
HALF_FETCHES = """#!/bin/sh
for argument; do case "$argument" in -DoutputDirectory=*) into="${argument#*=}";; esac; done
mkdir -p "$into"; touch "$into/kafka_2.13-4.3.0.jar"
echo "[ERROR] Could not transfer artifact: no route to host"; echo "[ERROR] more of it"; exit 1
"""


@pytest.fixture
def broker(tmp_path: Path) -> LocalKafka:
    return LocalKafka(tmp_path / "parts", 1)


def use_maven(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> Path:
    """Make `script` the only Maven there is, on a machine that has no Java."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("mkdir", "touch", "dirname"):
        (tools / name).symlink_to(str(shutil.which(name)))
    (tools / "mvn").write_text(script)
    (tools / "mvn").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    return tools


def test_jars_that_are_there_are_not_fetched_again(monkeypatch: pytest.MonkeyPatch, jars: Path, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "")
    broker = LocalKafka(tmp_path, 1, jars=jars)
    assert broker.installed()
    assert not broker.install()


def test_without_maven_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, broker: LocalKafka) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RefusedToStart, match="apt-get install maven"):
        broker.install()


def test_without_a_java_of_the_machine_maven_gets_the_brokers(
    monkeypatch: pytest.MonkeyPatch, broker: LocalKafka, tmp_path: Path
) -> None:
    tools = use_maven(monkeypatch, tmp_path, FETCHES)
    assert broker.install()
    assert not broker.install()
    assert "java-runtime" in (tools / "said").read_text()


def test_an_install_that_fails_half_way_leaves_nothing_and_says_why_in_one_line(
    monkeypatch: pytest.MonkeyPatch, broker: LocalKafka, tmp_path: Path
) -> None:
    use_maven(monkeypatch, tmp_path, HALF_FETCHES)
    with pytest.raises(RefusedToStart, match=r": Could not transfer artifact: no route to host$"):
        broker.install()
    assert list(broker.jars.parent.iterdir()) == []


def test_jars_that_are_not_whole_are_replaced(
    monkeypatch: pytest.MonkeyPatch, broker: LocalKafka, tmp_path: Path
) -> None:
    use_maven(monkeypatch, tmp_path, FETCHES)
    broker.jars.mkdir(parents=True)
    (broker.jars / "kafka_2.13-4.3.0.jar").touch()
    assert broker.install()
    assert broker.installed()


def test_starting_without_jars_names_the_command_that_fetches_them(broker: LocalKafka) -> None:
    with pytest.raises(RefusedToStart, match="distillwatch local install"):
        broker.start()
