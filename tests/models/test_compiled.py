from pathlib import Path

import pytest

from models import compiled


def test_code_is_kept_in_the_users_home_where_the_package_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "package").touch()  # a file: no folder can be made below it
    monkeypatch.setattr(compiled, "_PACKAGE", tmp_path / "package")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    place = compiled._place()
    assert place is not None
    assert place.is_relative_to(tmp_path / "home" / ".cache")
    assert place.stat().st_mode & 0o077 == 0
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    assert compiled._place() is None


def test_only_the_code_of_the_last_versions_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_PACKAGE", tmp_path)
    for number in range(compiled.KEPT_VERSIONS + 3):
        (tmp_path / "one.py").write_text(f"{number}", encoding="utf-8")
        place = compiled._place()
        assert place is not None
        assert place.is_dir()
    assert len(list((tmp_path / "__pycache__" / "compiled").iterdir())) == compiled.KEPT_VERSIONS
