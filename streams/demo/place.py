"""Where a demo lives: settings and a directory of its own, so that it can start from nothing every time."""

import shutil
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from streams.local import Stack
from streams.local.kafka import default_jars
from streams.local.stack import ensure_secret, make_private
from streams.settings import Settings

HEADER = "# Settings of the last demo; use them with: distillwatch --config THIS_FILE COMMAND\n"


def prepare(settings: Settings) -> tuple[Settings, Path]:
    """Make an empty directory `demo` under the local one, and the settings that point to it, written down as a TOML file.

    Whatever an earlier demo left running or lying there is stopped and removed; nothing outside that directory is touched.
    """
    directory = settings.local.directory.absolute()
    place = directory / "demo"
    local = settings.local.model_copy(
        update={"directory": place, "jars": settings.local.jars or default_jars(directory)}
    )
    demo = settings.model_copy(update={"local": local})
    if place.exists():
        Stack(demo).stop()
        shutil.rmtree(place)
    make_private(place)
    worker = demo.worker.model_copy(update={"secret_file": ensure_secret(place)})
    demo = demo.model_copy(update={"worker": worker})
    file = place / "settings.toml"
    file.touch(mode=0o600)
    file.write_text(HEADER + as_toml(demo), encoding="utf-8")
    return demo, file


def as_toml(settings: Settings) -> str:
    """The settings that are not the defaults, as TOML; the file is for its owner only, for it may hold passwords."""
    lines = []
    for branch in Settings.model_fields:
        piece: BaseModel = getattr(settings, branch)
        changed = [name for name, field in type(piece).model_fields.items() if getattr(piece, name) != field.default]
        if changed:
            lines += [f"[{branch}]", *(f"{name} = {_literal(getattr(piece, name))}" for name in changed), ""]
    return "\n".join(lines)


def _literal(value: Any) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
