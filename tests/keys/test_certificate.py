"""An operator's certificate stands for its key and names, and TLS takes it."""

import socket
import ssl
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from ipse.ground.errors import Malformed
from ipse.ground.names import Instant, OperatorId
from ipse.keys.certificate import (
    SCALAR_BYTES,
    as_pem,
    certify,
    expect_pair,
    read_key,
    tls_key,
)

NOW = Instant(1_700_000_000_000)
KEY = tls_key(bytes(range(SCALAR_BYTES)))
CERTIFICATE = certify(KEY, "example", OperatorId(2), NOW, bytes(range(16)))


def test_the_same_bytes_give_the_same_certificate() -> None:
    again = tls_key(bytes(range(SCALAR_BYTES)))
    assert again == KEY
    assert (
        certify(again, "example", OperatorId(2), NOW, bytes(range(16))) == CERTIFICATE
    )


def test_it_names_its_operator_and_does_not_run_out() -> None:
    found = x509.load_der_x509_certificate(CERTIFICATE)
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [
        "operator-2.example",
        "localhost",
    ]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == [
        "127.0.0.1",
        "::1",
    ]
    assert found.not_valid_before_utc == datetime(2023, 11, 13, 22, 13, 20, tzinfo=UTC)
    assert found.not_valid_after_utc.year == 9999
    assert found.serial_number == int.from_bytes(bytes(range(16))) | 1


def test_the_longest_network_name_fits() -> None:
    certify(KEY, "x" * 63, OperatorId(3), NOW, bytes(16))


@pytest.mark.parametrize("drawn", [bytes(SCALAR_BYTES), b"\xff" * SCALAR_BYTES])
def test_any_dice_give_a_key(drawn: bytes) -> None:
    read_key(tls_key(drawn))


@pytest.mark.parametrize("size", [0, SCALAR_BYTES - 1, SCALAR_BYTES + 1])
def test_a_key_is_drawn_from_enough_bytes(size: int) -> None:
    with pytest.raises(Malformed, match="40 bytes"):
        tls_key(bytes(size))


def test_another_key_does_not_have_this_certificate() -> None:
    expect_pair(KEY, CERTIFICATE)
    with pytest.raises(Malformed, match="another key"):
        expect_pair(tls_key(bytes(SCALAR_BYTES)), CERTIFICATE)
    version_9 = CERTIFICATE.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x08")
    for broken in (CERTIFICATE[:-1], CERTIFICATE + b"\0", b"", version_9):
        with pytest.raises(Malformed, match=r"X\.509"):
            expect_pair(KEY, broken)


def test_what_is_no_p256_key_is_refused() -> None:
    other = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )
    wider = ec.derive_private_key(7, ec.SECP384R1()).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )
    for key in (other, wider):
        with pytest.raises(Malformed, match="P-256"):
            read_key(key)
    unknown_curve = KEY.replace(bytes.fromhex("2a8648ce3d0301"), bytes(7))
    unknown_kind = KEY.replace(bytes.fromhex("2a8648ce3d0201"), b"*\x86H\xce=\x02\x02")
    for broken in (KEY[:-1], KEY + b"\0", unknown_curve, unknown_kind):
        with pytest.raises(Malformed, match="PKCS #8"):
            read_key(broken)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "operator-2.example"])
def test_tls_takes_it_on_both_sides_and_for_its_names(
    name: str, tmp_path: Path
) -> None:
    """With the certificate itself as the only authority, and X.509 checked strictly."""
    pem = tmp_path / "tls.pem"
    pem.write_bytes(as_pem(KEY, CERTIFICATE))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client = ssl.create_default_context(cadata=CERTIFICATE)
    for context in (server, client):
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(pem)
        context.load_verify_locations(cadata=CERTIFICATE)
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags |= ssl.VERIFY_X509_STRICT
    near, far = socket.socketpair()

    def serve() -> None:
        with server.wrap_socket(far, server_side=True) as served:
            served.sendall(b"hello")

    thread = threading.Thread(target=serve)
    thread.start()
    with client.wrap_socket(near, server_hostname=name) as called:
        assert called.recv(5) == b"hello"
    thread.join()
