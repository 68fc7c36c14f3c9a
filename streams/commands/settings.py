"""`distillwatch settings`: every setting, its name in file and environment, its value, its meaning."""

import json
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.settings import CONFIG_VARIABLE, Settings, variables

WIDE = 200  # columns, when nobody's terminal sets them


def register(app: typer.Typer) -> None:
    """Add the command; `ctx.obj` holds the settings."""
    app.command("settings")(settings)


def settings(
    ctx: typer.Context,
    *,
    env_example: Annotated[bool, typer.Option("--env-example", help="Print a .env.example instead.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the README's table instead.")] = False,
    toml: Annotated[bool, typer.Option("--toml", help="Print a TOML file to start from instead.")] = False,
) -> None:
    """Show every setting: its name, its variable, its value now, its default and what it means.

    A setting is read from the TOML file that `distillwatch --config` or DISTILLWATCH_CONFIG names, and from its
    environment variable, which wins. Secrets are shown as set or unset.
    """
    if env_example + markdown + toml > 1:
        raise typer.BadParameter("give one of --env-example, --markdown and --toml")
    if env_example:
        typer.echo(env_text(), nl=False)
    elif markdown:
        typer.echo(markdown_text(), nl=False)
    elif toml:
        typer.echo(toml_text(), nl=False)
    else:
        console = Console()
        if not console.is_terminal:
            console = Console(width=WIDE)
        console.print(table(ctx.obj))


def table(current: Settings) -> Table:
    """Every setting beside its value; what differs from the default is bold."""
    out = Table(title="Settings", title_justify="left", caption=f"A file of settings: {CONFIG_VARIABLE}")
    for name in ("setting", "environment variable", "value", "default", "meaning"):
        out.add_column(name, overflow="fold", no_wrap=name == "environment variable")
    for variable, (path, default, meaning) in variables().items():
        value = value_of(current, path)
        changed = "bold" if shown(value) != shown(default) else ""
        cells = Text(shown(value), style=changed), Text(shown(default), style="dim"), Text(meaning)
        out.add_row(Text(path), Text(variable), *cells)
    return out


def value_of(current: Settings, path: str) -> Any:
    """The value of the setting with this TOML path."""
    branch, name = path.split(".")
    return getattr(getattr(current, branch), name)


def shown(value: object) -> str:
    """A value for people; of a secret only whether it is there.

    >>> shown(True), shown(None), shown(SecretStr("x")), shown(SecretStr("")), shown(2.5)
    ('true', 'unset', 'set', 'unset', '2.5')
    """
    if isinstance(value, SecretStr):
        return "set" if value.get_secret_value() else "unset"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return json.dumps(value, default=str)
    return "unset" if value is None else str(value)


def markdown_text() -> str:
    """Every setting as a Markdown table."""
    rows = [
        f"| `{path}` | `{variable}` | {_code(default)} | {_cell(meaning)} |"
        for variable, (path, default, meaning) in variables().items()
    ]
    return "\n".join(["| setting | environment variable | default | meaning |", "|---|---|---|---|", *rows, ""])


def env_text() -> str:
    """Every variable with its default, commented out, in the form that shells, Docker and systemd read."""
    lines = ["# Settings of distillwatch. Uncomment what should differ from the default.", ""]
    lines += ["# a TOML file with settings; variables win over it", f"#{CONFIG_VARIABLE}=", ""]
    for variable, (_, default, meaning) in variables().items():
        plain = "" if isinstance(default, SecretStr) or default is None else shown(default)
        quoted = plain if plain in {"", "{}"} else shlex.quote(plain)
        lines += [f"# {meaning}", f"#{variable}={quoted}", ""]
    return "\n".join(lines)


def toml_text() -> str:
    """Every setting with its default, commented out, as a TOML file to start from."""
    lines = ["# Settings of distillwatch. Uncomment what should differ from the default."]
    branch = ""
    for path, default, meaning in variables().values():
        table_name, name = path.split(".")
        if table_name != branch:
            branch = table_name
            lines += ["", f"[{branch}]"]
        lines += [f"# {meaning}", f"#{name} = {_toml(default)}"]
    return "\n".join([*lines, ""])


def _toml(value: object) -> str:
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, dict):  # an inline table
        return "{" + ", ".join(f"{json.dumps(name)} = {json.dumps(str(each))}" for name, each in value.items()) + "}"
    text = str(value) if isinstance(value, str | Path) else ""  # what is unset and what is secret
    return json.dumps(text, ensure_ascii=False)


def _code(value: object) -> str:
    return "unset" if shown(value) == "unset" else f"`{_cell(shown(value))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
