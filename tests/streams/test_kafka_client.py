"""What the clients are told, for every protocol."""

import ssl
import subprocess
from pathlib import Path

import faust
import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaProducer
from pydantic import SecretStr

from schemas.errors import BadSettings
from streams.kafka_client import (
    aiokafka_settings,
    bootstrap_servers,
    faust_broker_credentials,
    faust_broker_url,
    kafka_python_settings,
)
from streams.settings import KafkaSettings


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    directory = tmp_path_factory.mktemp("pem")
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    return certificate, key


def settings_of(protocol: str, pem: tuple[Path, Path], mechanism: str = "SCRAM-SHA-512") -> KafkaSettings:
    secure = {"ssl_cafile": pem[0], "ssl_certfile": pem[0], "ssl_keyfile": pem[1]} if "SSL" in protocol else {}
    who = {"sasl_mechanism": mechanism, "sasl_username": "me", "sasl_password": "pass"} if "SASL" in protocol else {}
    return KafkaSettings.model_validate(
        {"bootstrap_servers": "k1:9092, k2:9093", "security_protocol": protocol} | secure | who
    )


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"])
def test_both_clients_are_told_protocol_certificates_and_identity(protocol: str, pem: tuple[Path, Path]) -> None:
    for told in (kafka_python_settings(settings_of(protocol, pem)), aiokafka_settings(settings_of(protocol, pem))):
        assert told["bootstrap_servers"] == ["k1:9092", "k2:9093"]
        assert told["security_protocol"] == protocol
        assert ("ssl_context" in told) == ("SSL" in protocol)
        identity = {name: value for name, value in told.items() if name.startswith("sasl")}
        expected = {"sasl_mechanism": "SCRAM-SHA-512", "sasl_plain_username": "me", "sasl_plain_password": "pass"}
        assert identity == (expected if "SASL" in protocol else {})


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_the_clients_know_every_name_they_are_told(protocol: str, mechanism: str, pem: tuple[Path, Path]) -> None:
    settings = settings_of(protocol, pem, mechanism)
    assert set(kafka_python_settings(settings)) <= set(KafkaProducer.DEFAULT_CONFIG)
    producer = AIOKafkaProducer(**aiokafka_settings(settings))
    await producer.stop()


def test_tls_trusts_the_named_authority_shows_the_certificate_and_verifies_the_host(pem: tuple[Path, Path]) -> None:
    context = kafka_python_settings(settings_of("SSL", pem))["ssl_context"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert len(context.get_ca_certs()) == 1


def test_faust_gets_credentials_of_the_kind_that_the_protocol_wants(pem: tuple[Path, Path]) -> None:
    assert faust_broker_credentials(settings_of("PLAINTEXT", pem)) is None
    assert isinstance(faust_broker_credentials(settings_of("SSL", pem)), faust.SSLCredentials)
    for protocol in ("SASL_PLAINTEXT", "SASL_SSL"):
        credentials = faust_broker_credentials(settings_of(protocol, pem))
        assert isinstance(credentials, faust.SASLCredentials)
        assert credentials.protocol.value == protocol
        assert credentials.mechanism.value == "SCRAM-SHA-512"
        assert (credentials.username, credentials.password) == ("me", "pass")
        assert (credentials.ssl_context is not None) == (protocol == "SASL_SSL")


def test_faust_gets_every_broker() -> None:
    assert faust_broker_url(KafkaSettings(bootstrap_servers="k1:9092,k2:9093")) == "kafka://k1:9092;kafka://k2:9093"


@pytest.mark.parametrize("servers", ["", "kafka", "kafka:", ":9092", "a:1,b", "kafka:port"])
def test_an_address_without_host_or_port_is_refused(servers: str) -> None:
    with pytest.raises(BadSettings, match=r"^setting kafka\.bootstrap_servers: .* is not host:port$"):
        bootstrap_servers(KafkaSettings(bootstrap_servers=servers))


def test_a_file_that_is_missing_or_no_certificate_is_refused_by_its_setting(
    tmp_path: Path, pem: tuple[Path, Path]
) -> None:
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("nothing")
    for file in (tmp_path / "missing.pem", rubbish):
        with pytest.raises(BadSettings, match=r"kafka\.ssl_cafile.*\.pem"):
            kafka_python_settings(KafkaSettings(security_protocol="SSL", ssl_cafile=file))
        with pytest.raises(BadSettings, match=r"kafka\.ssl_certfile.*\.pem"):
            kafka_python_settings(KafkaSettings(security_protocol="SSL", ssl_certfile=file, ssl_keyfile=pem[1]))


def test_an_encrypted_key_is_refused_instead_of_asking_the_terminal(tmp_path: Path, pem: tuple[Path, Path]) -> None:
    locked = tmp_path / "locked.pem"
    command = ["openssl", "pkcs8", "-topk8", "-in", str(pem[1]), "-out", str(locked), "-passout", "pass:long enough"]
    subprocess.run(command, check=True, capture_output=True)
    with pytest.raises(BadSettings, match="the key is encrypted"):
        kafka_python_settings(KafkaSettings(security_protocol="SSL", ssl_certfile=pem[0], ssl_keyfile=locked))


def test_a_protocol_with_identity_but_without_one_is_refused_and_no_password_is_shown() -> None:
    settings = KafkaSettings(security_protocol="SASL_PLAINTEXT", sasl_password=SecretStr("hidden"))
    with pytest.raises(BadSettings, match=r"needs kafka\.sasl_username and kafka\.sasl_password$") as refused:
        aiokafka_settings(settings)
    assert "hidden" not in str(refused.value)


def test_a_key_without_its_certificate_is_refused(pem: tuple[Path, Path]) -> None:
    with pytest.raises(BadSettings, match=r"a key without kafka\.ssl_certfile"):
        kafka_python_settings(KafkaSettings(security_protocol="SSL", ssl_keyfile=pem[1]))
