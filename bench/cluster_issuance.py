#!/usr/bin/env python3
"""Certificates a second of a real istiod and of Selvage, in turns, on one API server.

Callers prove who they are by a Pod's projected token (istiod has the API server review each; Selvage by --tokens review, as istiod,
and by --tokens jwks, its default) or by a client certificate. The CA is a plug-in one for both, with a P-256 key, or the one that
each makes for itself when it is given none ("as installed": istiod's has an RSA key of 2048 bits, Selvage's a P-256 one). CSRs are
made beforehand, of P-256 keys. The load and the plane share the machine's cores; 64 requests are under way over 4 connections.
"""

import argparse
import base64
import contextlib
import json
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bench/cluster"))
sys.path.insert(0, str(ROOT / "bench"))

import objects  # noqa: E402
from issuance import java  # noqa: E402
from kube import Kube, ROOT_NAMESPACE  # noqa: E402
from planes import PLANES  # noqa: E402

PLUGGED_IN, OWN = "plug-in CA", "as installed"
SUBJECTS = [("istiod", [], "token", PLUGGED_IN), ("selvage", ["--tokens=review"], "token", PLUGGED_IN), ("selvage", ["--tokens=jwks"], "token", PLUGGED_IN),
            ("istiod", [], "certificate", PLUGGED_IN), ("selvage", [], "certificate", PLUGGED_IN),
            ("istiod", [], "token", OWN), ("selvage", [], "token", OWN), ("istiod", [], "certificate", OWN), ("selvage", [], "certificate", OWN)]
SECRETS = f"/api/v1/namespaces/{ROOT_NAMESPACE}/secrets"


def client_certificate(ca: pathlib.Path, folder: pathlib.Path) -> None:
    """A client's key and certificate, by the CA in a folder, and the root that it is to trust."""
    extensions = folder / "extensions"
    extensions.write_text("subjectAltName=critical,URI:spiffe://cluster.local/ns/team-00/sa/svc-0\nextendedKeyUsage=clientAuth,serverAuth\n"
                          "keyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:FALSE\n")
    for line in (["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/", "-keyout", folder / "client.key",
                  "-out", folder / "client.csr"],
                 ["x509", "-req", "-in", folder / "client.csr", "-CA", ca / "ca-cert.pem", "-CAkey", ca / "ca-key.pem",
                  "-days", "1", "-extfile", extensions, "-out", folder / "client.pem"]):
        subprocess.run(["openssl", *line], check=True, capture_output=True)
    with open(folder / "client.pem", "a") as chain:
        chain.write((ca / "cert-chain.pem").read_text())
    (folder / "root.pem").write_text((ca / "root-cert.pem").read_text())


def own_ca(kube: Kube, folder: pathlib.Path) -> pathlib.Path:
    """The CA that a plane has made for itself, as a folder."""
    data = kube.call("GET", f"{SECRETS}/istio-ca-secret")["data"]
    held = {name: base64.b64decode(value).decode() for name, value in data.items()}
    ca = folder / "own-ca"
    ca.mkdir(exist_ok=True)
    for name in ("ca-cert.pem", "ca-key.pem"):
        (ca / name).write_text(held[name])
    (ca / "cert-chain.pem").write_text(held.get("cert-chain.pem", ""))
    (ca / "root-cert.pem").write_text(held.get("root-cert.pem") or held["ca-cert.pem"])
    return ca


def forget_ca(kube: Kube) -> None:
    """As before there ever was one: Selvage makes no new root where workloads trust one already."""
    kube.kubectl("-n", ROOT_NAMESPACE, "delete", "secret", "istio-ca-secret", "--ignore-not-found")
    kube.kubectl("delete", "configmap", "-A", "--field-selector", "metadata.name=istio-ca-root-cert")


@contextlib.contextmanager
def authority(kube: Kube, which: str, folder: pathlib.Path):
    """While it lasts there is the plug-in CA, or none at all."""
    if which == PLUGGED_IN:
        client_certificate(kube.ca, folder)
        yield
        return
    plugged_in, kept = kube.ca, kube.call("GET", f"{SECRETS}/cacerts")
    kube.ca = folder / "no-ca"
    kube.ca.mkdir(exist_ok=True)
    kube.call("DELETE", f"{SECRETS}/cacerts")
    forget_ca(kube)
    try:
        yield
    finally:
        forget_ca(kube)
        kube.call("POST", SECRETS, {"metadata": {"name": "cacerts"}, "type": kept["type"], "data": kept["data"]})
        kube.ca = plugged_in


def one(kube: Kube, folder: pathlib.Path, subject: tuple, warm: int, seconds: int) -> dict:
    name, flags, auth, ca = subject
    plane = PLANES[name](kube, folder, flags)
    try:
        plane.ready()
        if ca == OWN:
            client_certificate(own_ca(kube, folder), folder)
        line = [*java(), "io.selvage.bench.IssuanceLoad", str(folder), str(plane.port), str(warm + seconds)]
        load = subprocess.Popen(line + ([str(folder / "tokens")] if auth == "token" else []), stdout=subprocess.PIPE, text=True)
        try:
            rates, spent = [], 0.0
            for said in load.stdout:
                if said.startswith("issued "):
                    rates.append(int(said.split()[1]))
                    if len(rates) == warm:
                        spent, at = plane.process.cpu_seconds(), time.monotonic()
                    if len(rates) == warm + seconds - 1:
                        spent, took = plane.process.cpu_seconds() - spent, time.monotonic() - at
            if load.wait() != 0:
                raise RuntimeError(f"issuance by {subject} failed")
        finally:
            load.kill()
        measured = rates[warm:]
        return {"per_second": statistics.median(measured), "min": min(measured), "max": max(measured),
                "cpu_ms_each": round(1000 * spent / max(1, sum(measured[:seconds - 1])), 2), "rss_mb": plane.process.rss_mb(), "cpu_cores": round(spent / took, 2)}
    finally:
        plane.stop()


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--planes", default="istiod,selvage")
    parser.add_argument("--auth", default="token,certificate")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--warm", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--cluster", type=pathlib.Path, help="a folder with a cluster that was filled before, or to keep one in")
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    size = objects.Size(services=100, namespaces=10, policies=100, clients=100)
    results: dict = {}
    with tempfile.TemporaryDirectory(prefix="selvage-cluster-") as scratch:
        folder = options.cluster or pathlib.Path(scratch) / "cluster"
        filled = (folder / "size.json").exists()
        kube = Kube(folder)
        try:
            if not filled:
                objects.fill(kube, size)
            (pathlib.Path(scratch) / "tokens").write_text(
                "\n".join(line.split("\t")[4] for line in (kube.folder / "clients.tsv").read_text().splitlines()))
            subjects = [s for s in SUBJECTS if s[0] in options.planes.split(",") and s[2] in options.auth.split(",")]
            for turn in range(options.rounds):
                for subject in subjects if turn % 2 == 0 else reversed(subjects):
                    what = f"{subject[0]} {' '.join(subject[1])} {subject[2]}, {subject[3]}".replace("  ", " ")
                    with authority(kube, subject[3], pathlib.Path(scratch)):
                        result = one(kube, pathlib.Path(scratch), subject, options.warm, options.seconds)
                    results.setdefault(what, []).append(result)
                    print(f"{what:46} {result['per_second']:6.0f}/s (min {result['min']}, max {result['max']}), {result['cpu_cores']} cores, "
                          f"{result['cpu_ms_each']} ms CPU each, RSS {result['rss_mb']} MB", flush=True)
        finally:
            kube.stop()
    if options.out:
        options.out.write_text(json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
