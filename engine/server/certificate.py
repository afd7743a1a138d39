"""The self-signed TLS certificate of a home's server; only clients of this home trust it."""

import ipaddress
import ssl
from datetime import UTC, datetime

from engine.server.home import HOST, Home
from engine.server.storage import write_atomically


def is_whole(home: Home) -> bool:
    """Whether certificate and key exist and match."""
    try:
        # A password is given, because without one OpenSSL would ask for it at the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(home.certificate, home.private_key, password="")
    except OSError:
        return False
    return True


def make(home: Home) -> None:
    """Makes key and certificate; a client that trusted the earlier certificate needs the new one."""
    # Imported here: a home needs it once.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Neo4j of an Isopath home")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST)), x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        # It is trusted because it lies in the home. An expiry date (RFC 5280, 4.1.2.5: none) would only stop somebody's
        # music, and so would a recent start date on a machine whose clock is slow.
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    write_atomically(home.private_key, key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain).decode())
    write_atomically(home.certificate, certificate.public_bytes(pem).decode())
