#!/usr/bin/env python3
"""Certificates a second of a real istiod and of Selvage, in turns, on one API server and with one CA.

Callers prove who they are by a Pod's projected token (istiod has the API server review each; Selvage by --tokens review, as istiod,
and by --tokens jwks, its default) or by a client certificate. CSRs are made beforehand, keys and the CA's key are P-256. The load
and the plane share the machine's cores; 64 requests are under way over 4 connections.
"""

import argparse
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
from kube import Kube  # noqa: E402
from planes import PLANES  # noqa: E402

SUBJECTS = [("istiod", [], "token"), ("selvage", ["--tokens=review"], "token"), ("selvage", ["--tokens=jwks"], "token"),
            ("istiod", [], "certificate"), ("selvage", [], "certificate")]


def client_certificate(kube: Kube, folder: pathlib.Path) -> None:
    extensions = folder / "extensions"
    extensions.write_text("subjectAltName=critical,URI:spiffe://cluster.local/ns/team-00/sa/svc-0\nextendedKeyUsage=clientAuth,serverAuth\n"
                          "keyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:FALSE\n")
    for line in (["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/", "-keyout", folder / "client.key",
                  "-out", folder / "client.csr"],
                 ["x509", "-req", "-in", folder / "client.csr", "-CA", kube.folder / "cacerts/ca-cert.pem", "-CAkey", kube.folder / "cacerts/ca-key.pem",
                  "-days", "1", "-extfile", extensions, "-out", folder / "client.pem"]):
        subprocess.run(["openssl", *line], check=True, capture_output=True)
    (folder / "root.pem").write_text((kube.folder / "cacerts/root-cert.pem").read_text())
    (folder / "tokens").write_text("\n".join(line.split("\t")[4] for line in (kube.folder / "clients.tsv").read_text().splitlines()))


def one(kube: Kube, folder: pathlib.Path, subject: tuple, warm: int, seconds: int) -> dict:
    name, flags, auth = subject
    plane = PLANES[name](kube, folder, flags)
    try:
        plane.ready()
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
            client_certificate(kube, pathlib.Path(scratch))
            for turn in range(options.rounds):
                for subject in SUBJECTS if turn % 2 == 0 else reversed(SUBJECTS):
                    what = f"{subject[0]} {' '.join(subject[1])} {subject[2]}".replace("  ", " ")
                    result = one(kube, pathlib.Path(scratch), subject, options.warm, options.seconds)
                    results.setdefault(what, []).append(result)
                    print(f"{what:32} {result['per_second']:6.0f}/s (min {result['min']}, max {result['max']}), {result['cpu_cores']} cores, "
                          f"{result['cpu_ms_each']} ms CPU each, RSS {result['rss_mb']} MB", flush=True)
        finally:
            kube.stop()
    if options.out:
        options.out.write_text(json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
