"""An operator's TLS certificate: self-signed, because the charter vouches for it.

P-256, as every TLS stack and browser takes it. The certificate says for which names
it stands (localhost and operator-N.NETWORK) and never expires: the charter says
until when it is believed. Everything in it, signature included, follows from the
bytes that are handed in.
"""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ipse.ground.errors import Malformed
from ipse.ground.names import Instant, OperatorId

SCALAR_BYTES: Final = 40
"""Bytes drawn for a P-256 key: 64 bits more than its order has, so that reducing them
favours no key by more than 2^-64 (FIPS 186-5, appendix A.2.1)."""

SERIAL_BYTES: Final = 16

_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_NEVER: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""What RFC 5280, section 4.1.2.5, writes for "no expiration"."""


def tls_key(drawn: bytes) -> bytes:
    """Make a P-256 key from SCALAR_BYTES random bytes. Returns PKCS #8, DER."""
    if len(drawn) != SCALAR_BYTES:
        raise Malformed(f"A TLS key is drawn from {SCALAR_BYTES} bytes.")
    scalar = int.from_bytes(drawn) % (_ORDER - 1) + 1
    return ec.derive_private_key(scalar, ec.SECP256R1()).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )


def certify(
    key: bytes, network: str, operator: OperatorId, now: Instant, serial: bytes
) -> bytes:
    """Make the certificate of a TLS key, valid from the day before. Returns DER."""
    private = read_key(key)
    public = private.public_key()
    name = host_name(network, operator)
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"operator-{operator}")]
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    start = datetime.fromtimestamp(now // 1_000, tz=UTC) - timedelta(days=1)
    names: list[x509.GeneralName] = [
        x509.DNSName(name),
        x509.DNSName("localhost"),
        x509.IPAddress(IPv4Address("127.0.0.1")),
        x509.IPAddress(IPv6Address("::1")),
    ]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(int.from_bytes(serial) | 1)  # zero is not allowed
        .not_valid_before(start)
        .not_valid_after(_NEVER)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .add_extension(_digital_signature(), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            ),
            critical=False,
        )
    )
    certificate = builder.sign(private, SHA256(), ecdsa_deterministic=True)
    return certificate.public_bytes(Encoding.DER)


def host_name(network: str, operator: OperatorId) -> str:
    """Return the name in an operator's certificate."""
    return f"operator-{operator}.{network}"


def read_key(key: bytes) -> ec.EllipticCurvePrivateKey:
    """Read a TLS key from PKCS #8, DER. Raises: Malformed: it is no P-256 key."""
    try:
        private = load_der_private_key(key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Malformed("A TLS key must be PKCS #8, DER, unencrypted.") from None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(
        private.curve, ec.SECP256R1
    ):
        raise Malformed("A TLS key must be one on P-256.")
    return private


def expect_pair(key: bytes, certificate: bytes) -> None:
    """Refuse a certificate that is of another key. Raises: Malformed."""
    try:
        certified = x509.load_der_x509_certificate(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise Malformed("A certificate must be X.509, DER.") from None
    if certified != read_key(key).public_key():
        raise Malformed("The certificate is of another key than the keyring's.")


def as_pem(key: bytes, certificate: bytes) -> bytes:
    """Write key and certificate as PEM, the form that TLS servers read from a file."""
    private = read_key(key).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    public = x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM)
    return private + public


def _digital_signature() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
