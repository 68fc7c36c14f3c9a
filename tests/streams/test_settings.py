"""Settings: file and environment, typos refused, secrets never told."""

import os
import re
import tomllib
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr
from typer.testing import CliRunner

from schemas.errors import BadSettings, RefusedToStart
from streams.commands import settings as command
from streams.configuration import judgement_config
from streams.settings import CONFIG_VARIABLE, PREFIX, Settings, load_settings, variables

HIDDEN = "hunter2-hunter2"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)


def written(directory: Path, text: str) -> Path:
    file = directory / "distillwatch.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_file_and_variables_the_defaults_hold() -> None:
    assert load_settings() == Settings()


def test_a_file_is_read(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, '[kafka]\nbootstrap_servers = "broker:9092"\n[watch]\nport = 0\n'))
    assert (settings.kafka.bootstrap_servers, settings.watch.port) == ("broker:9092", 0)


def test_a_variable_wins_over_the_file_and_leaves_its_neighbours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, '[clickhouse]\nhost = "from-file"\nport = 1234\n')
    monkeypatch.setenv("DISTILLWATCH_CLICKHOUSE__PORT", "4321")
    settings = load_settings(file)
    assert (settings.clickhouse.host, settings.clickhouse.port) == ("from-file", 4321)


def test_the_file_may_be_named_by_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONFIG_VARIABLE, str(written(tmp_path, "[watch]\nport = 7\n")))
    assert load_settings().watch.port == 7


@pytest.mark.parametrize("name", ["DISTILLWATCH_KAFKA__BOOTSTRAP", "DISTILLWATCH_KAFKA", "distillwatch_watch__prot"])
def test_an_unknown_variable_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, HIDDEN)
    with pytest.raises(BadSettings, match=f"unknown environment variable {name}") as refused:
        load_settings()
    assert HIDDEN not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[kafka]\nbootstrap = 'x'\n", "kafka.bootstrap"),
        ("[kafak]\nx = 1\n", "kafak"),
        ("kafka = 3\n", "kafka"),
        ("[watch]\nport = 70000\n", "watch.port"),
        ("[watch]\nlog_level = 'loud'\n", "watch.log_level"),
        ("[clickhouse]\ndatabase = 'a; DROP'\n", "clickhouse.database"),
        ("[worker]\nbatch_records = 'many'\n", "worker.batch_records"),
        ("[judgement]\nrisk_medium = 0.9\n", "risk_medium < risk_high"),
    ],
)
def test_a_typo_or_a_value_out_of_range_is_refused_in_one_line(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(BadSettings) as refused:
        load_settings(written(tmp_path, text))
    assert where in str(refused.value)
    assert "\n" not in str(refused.value)
    assert isinstance(refused.value, RefusedToStart)


def test_a_file_that_is_absent_or_broken_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"cannot read the settings file .*absent\.toml: No such file"):
        load_settings(tmp_path / "absent.toml")
    with pytest.raises(BadSettings, match="is not TOML"):
        load_settings(written(tmp_path, "[kafka\n"))
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"x = '\xe4'\n")
    with pytest.raises(BadSettings, match="is not UTF-8"):
        load_settings(latin)


SECRETS = [name for name, (path, _, _) in variables().items() if path.endswith(("password", "secret"))]


def test_every_secret_is_declared_as_one() -> None:
    for name in SECRETS:
        path = variables()[name][0]
        branch, leaf = path.split(".")
        piece = Settings.model_fields[branch].annotation
        assert piece is not None
        assert "SecretStr" in str(piece.model_fields[leaf].annotation)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("text", [HIDDEN, '{"a": 1}', "12345", "null"])
def test_a_secret_is_taken_as_it_is_and_never_told(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    monkeypatch.setenv(name, text)
    settings = load_settings()
    secret = command.value_of(settings, variables()[name][0])
    assert isinstance(secret, SecretStr)
    assert secret.get_secret_value() == text
    assert text not in repr(secret)
    assert HIDDEN not in repr(settings) + str(settings)


@pytest.mark.parametrize("value", ["[1]", "{a = 'hunter2-hunter2'}", "['hunter2-hunter2']", "5"])
def test_a_secret_of_the_wrong_type_is_refused_without_being_told(tmp_path: Path, value: str) -> None:
    with pytest.raises(BadSettings, match=r"kafka\.sasl_password") as refused:
        load_settings(written(tmp_path, f"[kafka]\nsasl_password = {value}\n"))
    assert HIDDEN not in str(refused.value)


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTILLWATCH_KAFKA__SSL_CAFILE", "")
    assert load_settings().kafka.ssl_cafile is None


def test_settings_cannot_be_changed_after_they_were_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().watch.port = 1  # type: ignore[misc]


def test_every_setting_has_a_meaning() -> None:
    assert all(meaning for _, _, meaning in variables().values())


def run(*arguments: str, settings: Settings | None = None) -> tuple[int, str]:
    app = typer.Typer()
    app.callback()(lambda: None)
    command.register(app)
    answer = CliRunner().invoke(app, ["settings", *arguments], obj=settings or Settings())
    return answer.exit_code, answer.output


def test_the_command_shows_every_setting_and_hides_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTILLWATCH_CLICKHOUSE__PASSWORD", HIDDEN)
    monkeypatch.setenv("DISTILLWATCH_KAFKA__BOOTSTRAP_SERVERS", "[red]broker[/red]:9092")
    code, text = run(settings=load_settings())
    assert code == 0
    assert HIDDEN not in text
    assert "[red]broker[/red]:9092" in text
    for name, (path, _, _) in variables().items():
        assert name in text
        assert path in text


def test_the_command_takes_one_form_at_a_time() -> None:
    code, text = run("--toml", "--markdown")
    assert code == 2
    assert "give one of" in text


def test_the_toml_template_uncommented_is_the_defaults(tmp_path: Path) -> None:
    code, text = run("--toml")
    assert code == 0
    assert load_settings(written(tmp_path, text)) == Settings()
    is_set = re.compile(r'#(\w+ = (?!"").+)')
    lines = [match[1] if (match := is_set.fullmatch(line)) else line for line in text.splitlines()]
    assert load_settings(written(tmp_path, "\n".join(lines))) == Settings()
    assert set(tomllib.loads(text)) == set(Settings.model_fields)


def test_the_env_example_uncommented_is_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = run("--env-example")
    assert code == 0
    pairs = [line[1:].split("=", 1) for line in text.splitlines() if line.startswith(f"#{PREFIX}")]
    assert {name for name, _ in pairs} == {*variables(), CONFIG_VARIABLE}
    for name, value in pairs:
        monkeypatch.setenv(name, value)
    assert load_settings() == Settings()


def test_the_markdown_table_has_a_row_a_setting() -> None:
    code, text = run("--markdown")
    assert code == 0
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) == len(variables())
    assert all(row.count(" | ") == 3 for row in rows)


def test_evaluators_that_are_no_json_are_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTILLWATCH_JUDGEMENT__ALLOW", "org_x")
    with pytest.raises(BadSettings, match="JUDGEMENT__ALLOW"):
        load_settings(None)


def test_declared_evaluators_are_allowed_to_the_end_of_their_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTILLWATCH_JUDGEMENT__ALLOW", '{"org_x": "1970-01-01"}')
    config = judgement_config(load_settings(None).judgement)
    assert config.allows("org_x", 86_399_999)
    assert not config.allows("org_x", 86_400_000)
    assert not config.allows("org_y", 0)
