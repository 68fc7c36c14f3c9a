"""The deployment's secret, which keys every content hash."""

from schemas.errors import BadSettings
from streams.settings import Settings

LEAST_CHARACTERS = 16


def load_secret(settings: Settings) -> bytes:
    """The secret: the setting itself, the file it names, or the one that `distillwatch local start` made.

    Raises `BadSettings` when there is none, or one that is too short to be one.
    """
    worker, made = settings.worker, settings.local.directory / "secret"
    if worker.secret is not None:
        secret = worker.secret.get_secret_value()
    else:
        file = worker.secret_file or made
        try:
            secret = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            if worker.secret_file is not None:
                raise BadSettings(f"cannot read the secret file {file}") from None
            raise BadSettings(
                "no secret is set: set DISTILLWATCH_WORKER__SECRET_FILE to a file with a long random text"
            ) from None
    if len(secret) < LEAST_CHARACTERS:
        raise BadSettings(f"the secret has {len(secret)} characters, at least {LEAST_CHARACTERS} are wanted")
    return secret.encode()
