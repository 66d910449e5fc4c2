#!/usr/bin/env python3
"""A large Kubernetes cluster under a real istiod and under Selvage, in turns, on one machine and one API server.

2,000 Services, 10,000 endpoints (Pods as objects: nothing runs), 2,000 AuthorizationPolicies, 1,000 sidecars connected by delta
ADS over TLS. Every round starts one plane anew, has all sidecars connect as soon as it listens, and then changes a policy of the
mesh, a policy of a namespace and the readiness of an endpoint, again and again. Same CA, same API server, same sidecars.
`--service-entries 500 --pods-each 2 --policies 500` has ServiceEntries in place of Services: 1,000 Pods and as many endpoints.
`--sidecars 1` has each workload told of its own namespace alone, by one Sidecar of the mesh.
"""

import argparse
import json
import pathlib
import queue
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bench/cluster"))

import objects  # noqa: E402
from kube import Kube, ROOT_NAMESPACE  # noqa: E402
from planes import PLANES, Plane  # noqa: E402
from process import Peer  # noqa: E402

TYPES = "type.googleapis.com/envoy.config."
ENDPOINTS = TYPES + "endpoint.v3.ClusterLoadAssignment"
POLICIES = TYPES + "listener.v3.Listener," + TYPES + "core.v3.TypedExtensionConfig"  # in listeners, or apart from them


class Sidecars:
    """The process of all sidecars."""

    def __init__(self, kube: Kube, folder: pathlib.Path, auth: str, count: int):
        java = subprocess.run([ROOT / "scripts/find-jdk"], check=True, capture_output=True, text=True).stdout.strip() + "/bin/java"
        self.process = Peer("sidecars", [
            java, "-XX:+UseSerialGC", "-Xms1g", "-Xmx1g", "-Xmn256m", "-XX:MaxDirectMemorySize=6g", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
            f"{ROOT}/bench/target/*:{ROOT}/bench/target/lib/*", "io.selvage.bench.cluster.Sidecars", str(kube.folder), auth, str(count)],
            folder, talks=True)
        self.again = 0
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.wait("prepared", 60)

    def _read(self) -> None:
        for line in self.process.process.stdout:
            self.lines.put(line.strip())
        self.lines.put("failed: the sidecars' process ended")

    def say(self, line: str) -> None:
        self.process.process.stdin.write(line + "\n")
        self.process.process.stdin.flush()

    def wait(self, word: str, limit: float) -> list[int]:
        deadline = time.monotonic() + limit
        while True:
            try:
                line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise RuntimeError(f"the sidecars do not say {word!r} within {limit} s") from None
            if line.startswith("failed"):
                raise RuntimeError(line)
            said = line.split()
            if said[0] == "again":
                self.again = int(said[1])
            if said[0] == word:
                return [int(figure) for figure in said[1:]]

    def change(self, kube: Kube, what: str, count: int, namespace: str, write) -> tuple[float, int]:
        """Milliseconds from writing something to the last of `count` sidecars that it reaches, and bytes received by all."""
        kube.call("GET", "/readyz", raw=True)  # so that the connection is open
        self.say(f"expect {what} {count} {namespace}".rstrip())
        self.wait("expecting", 10)
        before = time.time_ns()
        write()
        at, received = self.wait("received", 60)
        time.sleep(0.3)  # what belongs to this change still comes; the next shall not be taken for it
        return (at - before) / 1e6, received


def spread(times: list[float]) -> dict:
    ordered = sorted(times)
    return {"median": round(statistics.median(ordered), 1), "p99": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 1),
            "min": round(ordered[0], 1), "all": [round(t, 1) for t in times]}


def changes(kube: Kube, size: objects.Size, sidecars: Sidecars, count: int, number: int, mark: int) -> dict:
    lines = (kube.folder / "clients.tsv").read_text().splitlines()[:count]
    space = lines[0].split("\t")[1]
    there = sum(line.split("\t")[1] == space for line in lines)

    def policy(namespace: str, of: int):
        path = f"/apis/security.istio.io/v1/namespaces/{namespace}/authorizationpolicies/bench?fieldManager=bench&force=true"
        return lambda: kube.call("PATCH", path, objects.changed_policy("bench", namespace, of), "application/apply-patch+yaml")

    def endpoint(of: int):
        ready = (of - mark) % 2 == 1
        if size.service_entries:
            entry = objects.service_entry(size, 0, ready)
            path = f"/apis/networking.istio.io/v1/namespaces/{entry['metadata']['namespace']}/serviceentries/{entry['metadata']['name']}"
            return lambda: kube.call("PATCH", path, {"spec": {"endpoints": entry["spec"]["endpoints"]}}, "application/merge-patch+json")
        made = objects.slice_of(size, 0, ready)
        path = f"/apis/discovery.k8s.io/v1/namespaces/{made['metadata']['namespace']}/endpointslices/{made['metadata']['name']}"
        return lambda: kube.call("PATCH", path, {"endpoints": made["endpoints"]}, "application/merge-patch+json")

    measured = {}
    for name, what, reached, namespace, write in (("policy of the mesh", POLICIES, count, "", lambda n: policy(ROOT_NAMESPACE, n)),
                                                  ("policy of a namespace", POLICIES, there, space, lambda n: policy(space, n)),
                                                  ("endpoint", ENDPOINTS, *((there, space) if size.sidecars else (count, "")), endpoint)):
        times = []
        for n in range(number):
            took, received = sidecars.change(kube, what, reached, namespace, write(mark + n))
            times.append(took)
        write(mark + 1)()  # an endpoint that is not ready gets ready again
        measured[name] = {"ms": spread(times), "sidecars": reached, "bytes": received}
    for namespace in (ROOT_NAMESPACE, space):
        kube.call("DELETE", f"/apis/security.istio.io/v1/namespaces/{namespace}/authorizationpolicies/bench")
    return measured


def one(kube: Kube, size: objects.Size, sidecars: Sidecars, plane: type[Plane], folder: pathlib.Path, options, mark: int,
        number: int) -> dict:
    running = None
    try:
        spent = sidecars.process.cpu_seconds(), sum(p.cpu_seconds() for p in kube.peers)
        sidecars.again = 0
        running = plane(kube, folder, options.option if plane.name == "selvage" else [])
        sidecars.say(f"connect {running.port} {'ENVOY' if options.as_envoy or plane.name == 'istiod' else 'SELVAGE'}")
        ready = running.ready()
        listening, = sidecars.wait("listening", 120)
        complete, received = sidecars.wait("complete", 240)
        result = {"ready_s": round(ready, 2), "listening_s": round((listening - running.began) / 1e9, 2),
                  "warm_s": round((complete - running.began) / 1e9, 2), "warm_bytes": received, "streams_begun_anew": sidecars.again,
                  "warm_rss_mb": running.process.rss_mb(), "warm_cpu_s": round(running.process.cpu_seconds(), 2),
                  "warm_sidecars_cpu_s": round(sidecars.process.cpu_seconds() - spent[0], 2),
                  "warm_api_server_cpu_s": round(sum(p.cpu_seconds() for p in kube.peers) - spent[1], 2)}
        time.sleep(options.settle)
        before = running.process.cpu_seconds()
        result["changes"] = changes(kube, size, sidecars, options.clients, number, mark)
        result |= {"rss_mb": running.process.rss_mb(), "peak_rss_mb": running.process.status("VmHWM") // 1024,
                   "changes_cpu_s": round(running.process.cpu_seconds() - before, 2)}
        return result
    finally:
        if running is not None and options.keep:
            shutil.copy(running.process.log, options.keep)
            shutil.copy(sidecars.process.log, options.keep)
        sidecars.say("disconnect")
        if running is not None:
            running.stop()


def show(name: str, r: dict) -> str:
    ms = {what: c["ms"] for what, c in r["changes"].items()}
    return (f"{name:8} ready {r['ready_s']:6.2f} s  warm {r['warm_s']:6.2f} s ({r['warm_bytes'] / 1e6:.0f} MB, {r['streams_begun_anew']} begun anew)  "
            + "  ".join(f"{what} {t['median']:.0f}/{t['p99']:.0f} ms" for what, t in ms.items())
            + f"  RSS {r['rss_mb']} MB (peak {r['peak_rss_mb']})  CPU {r['warm_cpu_s']:.1f}+{r['changes_cpu_s']:.1f} s"
            + f"  (sidecars {r['warm_sidecars_cpu_s']:.1f}, API server {r['warm_api_server_cpu_s']:.1f} s)")


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for field, default in objects.Size().__dict__.items():
        parser.add_argument("--" + field.replace("_", "-"), type=int, default=default)
    parser.add_argument("--planes", default="istiod,selvage")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--changes", type=int, default=20, help="of each kind in each round")
    parser.add_argument("--auth", choices=("token", "certificate"), default="token", help="how sidecars prove who they are")
    parser.add_argument("--as-envoy", action="store_true", help="sidecars that take policies in their listeners, under Selvage too")
    parser.add_argument("--settle", type=float, default=3, help="seconds between warm and the first change")
    parser.add_argument("--cluster", type=pathlib.Path, help="a folder with a cluster that was filled before, or to keep one in")
    parser.add_argument("--option", action="append", default=[], help="of `selvage control`")
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for the planes' logs")
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    size = objects.Size(**{field: getattr(options, field) for field in objects.Size().__dict__})
    results: dict = {name: [] for name in options.planes.split(",")}
    with tempfile.TemporaryDirectory(prefix="selvage-cluster-") as scratch:
        folder = options.cluster or pathlib.Path(scratch) / "cluster"
        filled = (folder / "size.json").exists()
        if filled and objects.Size(**json.loads((folder / "size.json").read_text())) != size:
            parser.error(f"{folder} was filled with another size")
        kube = Kube(folder)
        try:
            if not filled:
                began = time.monotonic()
                objects.fill(kube, size)
                print(f"{size} written in {time.monotonic() - began:.0f} s", flush=True)
            sidecars = Sidecars(kube, pathlib.Path(scratch), options.auth, options.clients)
            try:
                # Turn 0 is for the sidecars and the API server to get warm, by one plane, and isn't counted.
                for turn in range(options.rounds + 1):
                    for name in (list(results) if turn % 2 == 0 else list(reversed(results)))[:None if turn else 1]:
                        result = one(kube, size, sidecars, PLANES[name], pathlib.Path(scratch), options, 1000 * turn + 1,
                                     options.changes if turn else 1)
                        print(show(name, result) if turn else f"{name}: warm-up, {result['warm_s']} s", flush=True)
                        if turn:
                            results[name].append(result)
            finally:
                sidecars.process.stop()
        finally:
            kube.stop()
    if options.out:
        options.out.write_text(json.dumps({"size": size.__dict__, "sidecars": options.clients, "auth": options.auth, "rounds": results}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
