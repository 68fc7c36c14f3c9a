"""Every setting: one frozen tree, read once at the command line, handed down in the piece each part needs."""

import os
import tomllib
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from schemas.errors import BadSettings

from .branches import (
    CalibrationSettings,
    CampaignSettings,
    CanarySettings,
    ClickHouseSettings,
    FeedbackSettings,
    JudgementSettings,
    KafkaSettings,
    LocalSettings,
    Piece,
    TopicSettings,
    WatchSettings,
    WorkerSettings,
)

__all__ = [
    "CONFIG_VARIABLE",
    "PREFIX",
    "CalibrationSettings",
    "CampaignSettings",
    "CanarySettings",
    "ClickHouseSettings",
    "FeedbackSettings",
    "JudgementSettings",
    "KafkaSettings",
    "LocalSettings",
    "Piece",
    "Settings",
    "TopicSettings",
    "WatchSettings",
    "WorkerSettings",
    "load_settings",
    "pieces",
    "variables",
]

PREFIX = "DISTILLWATCH_"
CONFIG_VARIABLE = PREFIX + "CONFIG"


class Settings(BaseSettings):
    """The tree. Environment variables win over the file; both win over the defaults. An empty variable says nothing."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True
    )

    kafka: KafkaSettings = KafkaSettings()
    topics: TopicSettings = TopicSettings()
    clickhouse: ClickHouseSettings = ClickHouseSettings()
    worker: WorkerSettings = WorkerSettings()
    judgement: JudgementSettings = JudgementSettings()
    campaigns: CampaignSettings = CampaignSettings()
    feedback: FeedbackSettings = FeedbackSettings()
    calibration: CalibrationSettings = CalibrationSettings()
    canary: CanarySettings = CanarySettings()
    watch: WatchSettings = WatchSettings()
    local: LocalSettings = LocalSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the environment first, then what the file said."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings


def pieces() -> dict[str, type[Piece]]:
    """Every branch of the tree: its name -> its class."""
    return {name: cast("type[Piece]", field.annotation) for name, field in Settings.model_fields.items()}


def variables() -> dict[str, tuple[str, Any, str]]:
    """Every environment variable: its name -> (TOML path, default, description)."""
    return {
        f"{PREFIX}{branch}__{name}".upper(): (f"{branch}.{name}", leaf.default, leaf.description or "")
        for branch, piece in pieces().items()
        for name, leaf in piece.model_fields.items()
    }


def load_settings(file: Path | None = None) -> Settings:
    """Read the settings from `file` (TOML; or the one that DISTILLWATCH_CONFIG names) and the environment.

    Raises `BadSettings` for a file that cannot be read, an unknown name in it, an unknown variable with our prefix, or
    a value out of range; values, and so secrets, are never part of the message.
    """
    _refuse_unknown_variables()
    named = os.environ.get(CONFIG_VARIABLE)
    file = file or (Path(named) if named else None)
    tree = {} if file is None else _read(file)
    try:
        return Settings(**tree)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadSettings(f"setting {where}: {first['msg']}") from None
    except SettingsError:  # a variable that should hold JSON: the only one is the list of declared evaluators
        raise BadSettings(f"{PREFIX}JUDGEMENT__ALLOW is not a JSON object of tenants and days") from None


def _refuse_unknown_variables() -> None:
    known = {CONFIG_VARIABLE, *variables()}
    unknown = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)
    if unknown:
        raise BadSettings(f"unknown environment variable {unknown[0]}; `distillwatch settings` lists the known ones")


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings(f"cannot read the settings file {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadSettings(f"the settings file {file} is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"the settings file {file} is not TOML: {error}") from None
