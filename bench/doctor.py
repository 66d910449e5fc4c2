#!/usr/bin/env python3
"""The doctor on a cluster of 200 workloads: a real API server with the objects, and at the end of each port that it forwards the
pages of an istiod or of a sidecar (a kubelet that has no Pods). Every call is really made: lists, reviews of rights, logs, 200
forwarded ports, 25 of them with a whole configuration dump of 200 clusters.

The first run of the command is cold (no page of a file in memory is promised, but the AOT cache is made), the others are warm.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bench/cluster"))
sys.path.insert(0, str(ROOT / "bench/doctor"))

from cluster_of_pods import fill, pages  # noqa: E402
from kube import Kube, free_port  # noqa: E402
from process import Peer  # noqa: E402


def kubelet(folder: pathlib.Path, port: int) -> Peer:
    java = subprocess.run([ROOT / "scripts/find-jdk"], check=True, capture_output=True, text=True).stdout.strip() + "/bin/java"
    return Peer("kubelet", [java, "-XX:+UseSerialGC", "-Xmx256m", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                            "-cp", f"{ROOT}/bench/target/*:{ROOT}/bench/target/lib/*", "io.selvage.bench.doctor.Kubelet", str(port),
                            str(folder / "pages-tls.crt"), str(folder / "pages-tls.key"), str(folder / "pages")], folder)


def once(kube: Kube) -> tuple[float, dict]:
    begin = time.monotonic()
    ran = subprocess.run([ROOT / "selvage", "doctor", f"--kubeconfig={kube.kubeconfig}", "--context=bench", "-o", "json", "--fail-on=never"],
                         capture_output=True, text=True, env={**os.environ, "SELVAGE_NO_BUILD": "1"})
    took = time.monotonic() - begin
    if ran.returncode != 0:
        raise RuntimeError(f"status {ran.returncode}: {ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return took, json.loads(ran.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workloads", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="selvage-doctor-"))
    running: list = []
    try:
        port = free_port()
        pages(folder, options.workloads)
        kube = Kube(folder / "kube")
        running.append(kube)
        running.append(kubelet(folder, port))
        fill(kube, options.workloads, port)
        times, said = [], {}
        for _ in range(options.runs):
            took, said = once(kube)
            times.append(took)
        by_status: dict[str, int] = {}
        for cluster in said["findings"] if isinstance(said.get("findings"), list) else []:
            by_status[cluster["status"]] = by_status.get(cluster["status"], 0) + 1
        proxies = said["clusters"][0].get("proxies")
        result = {"workloads": options.workloads, "first_s": round(times[0], 2), "median_s": round(statistics.median(times[1:]), 2),
                  "slowest_s": round(max(times[1:]), 2), "proxies": proxies, "by_status": by_status}
        print(f"{options.workloads} workloads: first {times[0]:.2f} s, then {statistics.median(times[1:]):.2f} s"
              f" (slowest of {len(times) - 1}: {max(times[1:]):.2f} s); {proxies} proxies looked at; {by_status}")
        if options.out:
            options.out.write_text(json.dumps(result, indent=1) + "\n")
    finally:
        for one in reversed(running):
            one.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
