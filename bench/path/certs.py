"""Key material of one benchmark run: a P-256 root and a SPIFFE leaf for each side, made with openssl."""

import pathlib
import subprocess

TRUST_DOMAIN = "cluster.local"
CLIENT_ID = f"spiffe://{TRUST_DOMAIN}/ns/sample/sa/sleep"
SERVER_ID = f"spiffe://{TRUST_DOMAIN}/ns/sample/sa/httpbin"


def _openssl(*args, **kwargs):
    subprocess.run(["openssl", *args], check=True, capture_output=True, **kwargs)


def make(folder: pathlib.Path) -> None:
    """Writes root.pem and, for client and server, NAME.pem, NAME.key and NAME.both.pem (for HAProxy)."""
    folder.mkdir(parents=True, exist_ok=True)
    root, root_key = folder / "root.pem", folder / "root.key"
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", str(root_key), "-out", str(root), "-days", "2", "-subj", f"/O={TRUST_DOMAIN}",
             "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    for name, uri in (("client", CLIENT_ID), ("server", SERVER_ID)):
        key, request, leaf = folder / f"{name}.key", folder / f"{name}.csr", folder / f"{name}.pem"
        extensions = folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=critical,URI:{uri}\nextendedKeyUsage=serverAuth,clientAuth\n"
                              "keyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:FALSE\n")
        _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-keyout", str(key), "-out", str(request), "-subj", "/")
        _openssl("x509", "-req", "-in", str(request), "-CA", str(root), "-CAkey", str(root_key), "-CAcreateserial",
                 "-days", "2", "-extfile", str(extensions), "-out", str(leaf))
        (folder / f"{name}.both.pem").write_text(leaf.read_text() + key.read_text())
