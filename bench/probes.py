#!/usr/bin/env python3
"""`selvage doctor --probe` on a whole cluster: as many ports as it asks at most, of workloads that take mTLS alone.

Everything is real: kubelet, containerd, Pods, the mesh as `selvage install` makes it. Two Pods stand for many workloads, with 100 ports
each: a probe costs a port the same whoever has it. Each run is a process of its own, with the JVM's start. Takes root.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bench/cluster"))
sys.path.insert(0, str(ROOT / "bench/doctor"))

import runs  # noqa: E402
from kube import PEERS  # noqa: E402

CLUSTER = ROOT / "it/peers/cluster/cluster"
IMAGE = "localhost/selvage:" + re.search("^  <version>(.*)</version>", (ROOT / "pom.xml").read_text(), re.M).group(1)
PORTS = 100

NAMESPACE = """
apiVersion: v1
kind: Namespace
metadata: {name: sample, labels: {selvage.io/injection: enabled}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: sample}
spec: {mtls: {mode: STRICT}}
"""

WORKLOAD = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: sample}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: app, image: "IMAGE", imagePullPolicy: Never, args: [httpbin, --port, "8080"], ports: [{containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: NAME, namespace: sample}
spec: {selector: {app: NAME}, ports: [PORTS]}
"""


def workload(name: str) -> str:
    ports = ", ".join("{name: http-%d, port: %d, targetPort: %d}" % (i, 8080 + i, 8080 + i) for i in range(PORTS))
    return WORKLOAD.replace("NAME", name).replace("IMAGE", IMAGE).replace("PORTS", ports)


def said(line: list, **more) -> str:
    return subprocess.run([str(part) for part in line], check=True, text=True, stdout=subprocess.PIPE, **more).stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    archive = said([ROOT / "scripts/image"]).splitlines()[-1]
    context = "probes"
    name = f"b{os.getpid()}--{context}"
    folder = pathlib.Path(tempfile.mkdtemp(prefix="selvage-probes-"))
    try:
        kubeconfig = said([CLUSTER, "up", name, os.getpid()]).splitlines()[-1]
        kubectl = [PEERS / "kubectl", f"--kubeconfig={kubeconfig}"]
        said([CLUSTER, "load", name, archive])
        said([ROOT / "selvage", "install", f"--kubeconfig={kubeconfig}", f"--context={context}", "--image", IMAGE, "--yes"])
        said([*kubectl, "apply", "-f", "-"], input=NAMESPACE + workload("one") + workload("two"))
        for app in ("one", "two"):
            said([*kubectl, "rollout", "status", "-n", "sample", f"deployment/{app}", "--timeout=120s"])
        runs.doctor(kubeconfig, context, folder)  # makes the doctor's AOT cache, if there is none yet
        result = {"ports": 2 * PORTS, "cores": os.cpu_count()}
        for title, more in (("selvage doctor", ()), (f"selvage doctor --probe, {2 * PORTS} ports", ("--probe", ))):
            ran = runs.several(title, options.runs, lambda more=more: runs.doctor(kubeconfig, context, folder, *more))
            result[title] = {k: v for k, v in ran.items() if k != "last"} | {"summary": runs.counts(ran)}
            print(f"  it says: {result[title]['summary']}")
        if options.out:
            options.out.write_text(json.dumps(result, indent=1) + "\n")
    finally:
        subprocess.run([CLUSTER, "down", name], check=False)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
