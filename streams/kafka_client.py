"""How each Kafka client is told where Kafka is and who we are to it."""

import logging
import ssl
from typing import Any

import faust

from schemas.errors import BadSettings
from streams.settings import KafkaSettings

# The clients log every failed attempt. Where the application logs nothing itself, Python would print them to the
# terminal, beside the one line that says the same.
for _client in ("kafka", "aiokafka"):
    logging.getLogger(_client).addHandler(logging.NullHandler())


def kafka_python_settings(kafka: KafkaSettings) -> dict[str, Any]:
    """Connection arguments of kafka-python's clients (admin, consumer). Raises `BadSettings`."""
    return {"bootstrap_servers": bootstrap_servers(kafka), **_security(kafka)}


def aiokafka_settings(kafka: KafkaSettings) -> dict[str, Any]:
    """Connection arguments of aiokafka's clients (producer, consumer). Raises `BadSettings`."""
    return {"bootstrap_servers": bootstrap_servers(kafka), **_security(kafka)}


def faust_broker_credentials(kafka: KafkaSettings) -> faust.SSLCredentials | faust.SASLCredentials | None:
    """The `broker_credentials` of a Faust application; None for a plain connection. Raises `BadSettings`."""
    context = tls_context(kafka)
    if kafka.security_protocol.startswith("SASL"):
        username, password = _identity(kafka)
        return faust.SASLCredentials(
            username=username, password=password, ssl_context=context, mechanism=kafka.sasl_mechanism
        )
    return faust.SSLCredentials(context) if context is not None else None


def faust_broker_url(kafka: KafkaSettings) -> str:
    """The `broker` of a Faust application."""
    return ";".join(f"kafka://{server}" for server in bootstrap_servers(kafka))


def bootstrap_servers(kafka: KafkaSettings) -> list[str]:
    """The addresses, each `host:port`. Raises `BadSettings` for one that is not."""
    servers = [server.strip() for server in kafka.bootstrap_servers.split(",") if server.strip()]
    wrong = [server for server in servers if not server.rpartition(":")[0] or not server.rpartition(":")[2].isdigit()]
    if wrong or not servers:
        raise BadSettings(f"setting kafka.bootstrap_servers: {(wrong or [''])[0]!r} is not host:port")
    return servers


def tls_context(kafka: KafkaSettings) -> ssl.SSLContext | None:
    """What TLS trusts and shows, from the PEM files; None for a protocol without TLS.

    The broker's certificate and host name are always verified. Raises `BadSettings` for a file that cannot be used.
    """
    if "SSL" not in kafka.security_protocol:
        return None
    try:
        context = ssl.create_default_context(cafile=kafka.ssl_cafile)
    except OSError as error:  # ssl.SSLError is one
        raise BadSettings(f"setting kafka.ssl_cafile: {kafka.ssl_cafile}: {error.strerror or error}") from None
    if kafka.ssl_certfile is not None:
        try:
            context.load_cert_chain(kafka.ssl_certfile, kafka.ssl_keyfile, password=_no_password)
        except OSError as error:
            raise BadSettings(f"setting kafka.ssl_certfile: {kafka.ssl_certfile}: {error.strerror or error}") from None
    elif kafka.ssl_keyfile is not None:
        raise BadSettings("setting kafka.ssl_keyfile: a key without kafka.ssl_certfile")
    return context


def _security(kafka: KafkaSettings) -> dict[str, Any]:
    out: dict[str, Any] = {"security_protocol": kafka.security_protocol}
    context = tls_context(kafka)
    if context is not None:
        out["ssl_context"] = context
    if kafka.security_protocol.startswith("SASL"):
        username, password = _identity(kafka)
        out |= {
            "sasl_mechanism": kafka.sasl_mechanism,
            "sasl_plain_username": username,
            "sasl_plain_password": password,
        }
    return out


def _identity(kafka: KafkaSettings) -> tuple[str, str]:
    if not kafka.sasl_username or kafka.sasl_password is None:
        raise BadSettings(
            f"kafka.security_protocol {kafka.security_protocol} needs kafka.sasl_username and kafka.sasl_password"
        )
    return kafka.sasl_username, kafka.sasl_password.get_secret_value()


def _no_password() -> str:
    """Called for an encrypted key only, which OpenSSL would otherwise ask the terminal about."""
    raise BadSettings("setting kafka.ssl_keyfile: the key is encrypted; give one without a passphrase")
