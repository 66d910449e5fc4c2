#!/usr/bin/env python3
"""The doctor on a cluster of 200 workloads, each with Istio's sidecar.

What is real: the API server and etcd, istiod, the objects (Istio's manifest and injection), 200 sidecars' ADS streams, and the
protocols between the doctor and a Pod's port: API server and Kubernetes' own package for forwarded ports. What is played: Pods are
objects, and one kubelet stands for five nodes; at the end of a port 15000 it shows the pages that a real Envoy of this mesh
showed before, with each Pod's own names and certificate. All of it, the doctor too, shares the machine's cores.

Each run of the doctor is a process of its own, with the JVM's start. Beside it `istioctl analyze`, which answers a part of its
questions: from objects alone. At last one node of five stops to answer. Everything happens in a network namespace of its own.
"""

import argparse
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bench"))
sys.path.insert(0, str(ROOT / "bench/cluster"))
sys.path.insert(0, str(ROOT / "bench/doctor"))

import runs  # noqa: E402
import workloads  # noqa: E402
from cluster import Sidecars  # noqa: E402
from kube import Kube, PEERS, ROOT_NAMESPACE  # noqa: E402
from process import Peer  # noqa: E402

KUBELET = 10250
SILENT = 10251


def kubelet(kube: Kube) -> Peer:
    program = kube.folder / "kubelet"
    subprocess.run(["go", "build", "-trimpath", "-o", program, "."], cwd=ROOT / "bench/doctor/kubelet", check=True,
                   env={**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"})
    shutil.copy(kube.folder / "clients.tsv", kube.folder / "pods.tsv")
    return Peer("kubelet", [program, f"-listen=127.0.0.1:{KUBELET}", f"-folder={kube.folder}", f"-to={ROOT_NAMESPACE}/istiod=127.0.0.1"], kube.folder)


def doctor(kube: Kube, folder: pathlib.Path, *more: str) -> dict:
    return runs.doctor(kube.kubeconfig, "bench", folder, *more)


def istioctl(kube: Kube, folder: pathlib.Path, *line: str) -> dict:
    return runs.timed([PEERS / "istioctl", f"--kubeconfig={kube.kubeconfig}", *line], folder)


class Silent:
    """A kubelet that takes connections and says nothing."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", SILENT), backlog=512)
        self.taken = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                self.taken.append(self.socket.accept()[0])
            except OSError:
                return

    def stop(self) -> None:
        self.socket.close()
        for one in self.taken:
            one.close()


def measured(kube: Kube, folder: pathlib.Path, filling: workloads.Filling, options) -> dict:
    result = {"workloads": options.workloads, "cores": os.cpu_count()}
    for k in range(workloads.NODES):
        filling.renew(k)
    subprocess.run([ROOT / "selvage", "doctor", folder / "no-bundle"], capture_output=True, check=False)  # makes the AOT cache, once for each build
    first = doctor(kube, folder)
    print(f"{'selvage doctor, first run':42} {first['s']:6.2f} s, CPU {first['cpu_s']:.2f} s, RSS {first['rss_mb']} MB", flush=True)
    result["first_s"] = first["s"]
    said = runs.several("selvage doctor", options.runs, lambda: doctor(kube, folder))
    if options.keep:
        (options.keep / "doctor.json").write_text(said["last"]["out"])
    result["doctor"] = {k: v for k, v in said.items() if k != "last"} | {"summary": runs.counts(said)}
    print(f"  it says: {result['doctor']['summary']}")
    analysed = runs.several("istioctl analyze --all-namespaces", options.runs, lambda: timed([PEERS / "istioctl", f"--kubeconfig={kube.kubeconfig}", "analyze", "--all-namespaces"], folder))
    result["istioctl_analyze"] = {k: v for k, v in analysed.items() if k != "last"}
    silent = Silent()
    try:
        kube.call("PATCH", "/api/v1/nodes/node-4/status", {"status": {"daemonEndpoints": {"kubeletEndpoint": {"Port": SILENT}}}}, workloads.MERGE)
        said = runs.several("selvage doctor, one node of five silent", 1, lambda: doctor(kube, folder))
        if options.keep:
            (options.keep / "silent.json").write_text(said["last"]["out"])
        result["one_node_silent"] = {k: v for k, v in said.items() if k != "last"} | {"summary": runs.counts(said)}
        print(f"  it says: {result['one_node_silent']['summary']}")
    finally:
        silent.stop()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workloads", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for what the doctor said")
    parser.add_argument("--hold", help="a command to run once the cluster stands, instead of measuring")
    options = parser.parse_args()
    if "SELVAGE_BENCH_NETNS" not in os.environ:
        os.environ["SELVAGE_BENCH_NETNS"] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, __file__, *sys.argv[1:]])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="selvage-doctor-"))
    running: list = []
    try:
        kube = Kube(folder / "kube")
        running.append(kube)
        filling = workloads.Filling(kube, options.workloads, KUBELET)
        filling.all()
        control = workloads.istiod(kube)
        running.append(control)
        workloads.until("istiod is ready", lambda: control.alive() or workloads.fetched("http://127.0.0.1:8080/ready") is not None, 120)
        workloads.record(kube, options.workloads)
        running.append(kubelet(kube))
        sidecars = Sidecars(kube, folder, "certificate", options.workloads)
        running.append(sidecars.process)
        sidecars.say("connect 15012 ENVOY")
        sidecars.wait("complete", 120)
        if options.hold:
            subprocess.run(["bash", "-c", options.hold], env={**os.environ, "KUBECONFIG": str(kube.kubeconfig), "FOLDER": str(kube.folder)}, check=False)
            return
        result = measured(kube, folder, filling, options)
        if options.out:
            options.out.write_text(json.dumps(result, indent=1) + "\n")
    finally:
        for one in reversed(running):
            one.stop()
        if options.keep:
            for log in folder.rglob("*.log"):
                shutil.copy(log, options.keep)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
