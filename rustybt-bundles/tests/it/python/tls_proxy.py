"""Encrypts connections to a PostgreSQL server that cannot do so itself, for tests.

usage: tls_proxy.py SOCKET_FOLDER CERTIFICATE; makes an authority, writes its certificate to that file, prints
the port at localhost, and ends when stdin does. Needs cryptography, which moto brings.
"""

import datetime
import os
import socket
import ssl
import sys
import tempfile
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

folder, certificate = sys.argv[1:]
now = datetime.datetime.now(datetime.timezone.utc)


def signed(subject, key, issuer, issuer_key, *extensions):
    name = lambda text: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
    builder = x509.CertificateBuilder(name(issuer), name(subject), key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
with open(certificate, "wb") as file:
    file.write(signed("test", authority, "test", authority, x509.BasicConstraints(ca=True, path_length=None)))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
with tempfile.TemporaryDirectory() as scratch:
    own, private = os.path.join(scratch, "own.pem"), os.path.join(scratch, "key.pem")
    with open(own, "wb") as file:
        file.write(signed("localhost", key, "test", authority, x509.SubjectAlternativeName([x509.DNSName("localhost")])))
    with open(private, "wb") as file:
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        file.write(key.private_bytes(encoding, form, serialization.NoEncryption()))
    context.load_cert_chain(own, private)


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(plain):
    try:
        # The client asks for TLS: eight bytes, the last four of them 80877103.
        assert plain.recv(8, socket.MSG_WAITALL) == bytes([0, 0, 0, 8, 4, 210, 22, 47])
        plain.sendall(b"S")
        outer = context.wrap_socket(plain, server_side=True)
    except (OSError, AssertionError):
        plain.close()
        return
    inner = socket.socket(socket.AF_UNIX)
    inner.connect(os.path.join(folder, ".s.PGSQL.5432"))
    threading.Thread(target=pump, args=(inner, outer), daemon=True).start()
    pump(outer, inner)


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)


def accept():
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
sys.stdin.read()
