"""What tables are made of: files to learn from, and files to measure on."""

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from models.gathering import Label
from models.references import References
from schemas.errors import RefusedToStart
from schemas.event import Event
from streams.cli import app
from tests.models.behaviour import chats, harvests


def lines(place: Path, records: Iterable[object]) -> str:
    place.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in records))
    return str(place)


def sent(tenant: str, events: Iterable[Event]) -> list[Event]:
    return [msgspec.structs.replace(event, tenant_id=tenant) for event in events]


def source(place: Path, *, attacked: bool) -> tuple[str, ...]:
    """Three honest tenants, and somebody who harvests, as arguments of the command."""
    place.mkdir()
    events = [event for number in range(3) for event in sent(f"honest{number}", chats(90, seed=number))]
    labels = [Label(tenant_id=f"honest{number}") for number in range(3)]
    if attacked:
        harvest = sent("thief", harvests(90))
        events, times = events + harvest, tuple(event.ts for event in harvest)
        labels.append(Label(tenant_id="thief", label="attack", campaign="c", attack_ts=times))
    return lines(place / "events", events), "--labels", lines(place / "labels", labels)


def made(*words: str, out: Path) -> None:
    done = CliRunner().invoke(app, ("calibrate", *words, "--out", str(out)))
    if done.exception:
        raise done.exception


def test_a_level_may_be_measured_on_honest_tenants_alone_and_nothing_is_learned_from_them(tmp_path: Path) -> None:
    attacked, honest = source(tmp_path / "attacked", attacked=True), source(tmp_path / "honest", attacked=False)
    made(*attacked, *honest, "--held-out", "1", out=tmp_path / "table.json")
    table = References.from_json((tmp_path / "table.json").read_bytes()).table
    assert (table.made.honest_tenants, table.made.attacking_tenants) == (6, 1)
    with pytest.raises(RefusedToStart, match="labels names no attack: weights cannot be learned from honest tenants"):
        made(*attacked, *honest, out=tmp_path / "other.json")
    assert not (tmp_path / "other.json").exists()
