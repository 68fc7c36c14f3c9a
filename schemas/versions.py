"""The versions that every row and finding carries, so that two judgements can stand side by side."""

from importlib.metadata import PackageNotFoundError, version

from msgspec import Struct


def _code_version() -> str:
    try:
        return version("distillwatch")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0+checkout"


CODE_VERSION = _code_version()


class Versions(Struct, frozen=True, array_like=True, gc=False):
    """`code` is the package's, `model` the form of features and detectors, `references` the tables judged by.

    `control` is the number of the control record that was adopted; 0 without one.
    """

    code: str
    model: str
    references: str
    control: int = 0
