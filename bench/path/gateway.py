#!/usr/bin/env python3
"""Our proxy and Envoy as an east-west gateway: TLS passed on by its server name, in turns, in one run.

wrk (TLS) -> gateway (one thread, a filter chain for each of N server names) -> nginx (TLS). Two loads: large answers over
connections that stay (bytes), and a connection for each small answer (connections; each costs wrk and nginx a handshake, so
on few processors the gateway's own time per connection says more than the rate). A run with an error ends the benchmark.
"""

import argparse
import json
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import certs
import subjects

TYPE = "type.googleapis.com/"
LARGE = 4 << 20
UNITS = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}


class TlsNginx(subjects.Process):
    """The server behind: it terminates TLS."""

    def __init__(self, folder: pathlib.Path):
        self.port = subjects.free_ports(["backend"])["backend"]
        (folder / "large").write_bytes(os.urandom(LARGE))
        (folder / "small").write_text("x" * 256)
        config = folder / "tls-nginx.conf"
        config.write_text(
            f"worker_processes 1;\ndaemon off;\npid {folder}/tls-nginx.pid;\nerror_log {folder}/tls-nginx.err;\n"
            "events { worker_connections 4096; }\nhttp {\n  access_log off;\n  keepalive_requests 100000000;\n  sendfile on;\n"
            f"  server {{ listen 127.0.0.1:{self.port} ssl backlog=4096; ssl_certificate {folder}/server.pem; "
            f"ssl_certificate_key {folder}/server.key; ssl_session_tickets off; root {folder}; }}\n}}\n")
        super().__init__("nginx", [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(config), "-p", str(folder),
                                   "-e", f"{folder}/tls-nginx.err"], folder / "tls-nginx.log")


def bootstrap(folder: pathlib.Path, name: str, port: int, admin: int, backend: int, names: int) -> pathlib.Path:
    def chain(server: str) -> dict:
        return {"filter_chain_match": {"server_names": [server], "transport_protocol": "tls"},
                "filters": [{"name": "envoy.filters.network.tcp_proxy", "typed_config": {
                    "@type": TYPE + "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                    "stat_prefix": "gateway", "cluster": "server"}}]}
    chains = [chain(f"outbound_.80_._.service-{i}.sample.svc.cluster.local") for i in range(names - 1)]
    chains.insert(len(chains) // 2, chain("localhost"))
    config = {
        "node": {"id": "gateway", "cluster": "gateway"},
        "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": admin}}},
        "static_resources": {
            "listeners": [{
                "name": "gateway", "traffic_direction": "OUTBOUND",
                "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
                "listener_filters": [{"name": "envoy.filters.listener.tls_inspector", "typed_config": {
                    "@type": TYPE + "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"}}],
                "filter_chains": chains}],
            "clusters": [{
                "name": "server", "type": "STATIC", "connect_timeout": "5s",
                "circuit_breakers": {"thresholds": [{"max_connections": 100000}]},
                "load_assignment": {"cluster_name": "server", "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {
                    "socket_address": {"address": "127.0.0.1", "port_value": backend}}}}]}]}}]}}
    path = folder / f"{name}-{names}.json"
    path.write_text(json.dumps(config))
    return path


def command(name: str, config: pathlib.Path) -> list:
    if name == "envoy":
        return [str(subjects.CACHE / "envoy"), "-c", str(config), "--concurrency", "1", "--disable-hot-restart",
                "-l", "error", "--base-id", str(os.getpid() % 30000)]
    return [str(subjects.ROOT / "selvage"), "proxy", "--config", str(config), "--event-loops", "1"]


def wrk(port: int, path: str, connections: int, seconds: int, close: bool) -> dict:
    line = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", f"https://localhost:{port}/{path}"]
    out = subprocess.run(line + (["-H", "Connection: close"] if close else []), capture_output=True, text=True, check=True).stdout
    errors = [text.strip() for text in out.splitlines() if "Non-2xx" in text or "Socket errors" in text]
    requests, number, unit = re.search(r"(\d+) requests in [\d.a-z]+, ([\d.]+)(B|KB|MB|GB) read", out).groups()
    if errors and not (close and re.fullmatch(r"Socket errors: connect 0, read \d+, write 0, timeout 0", errors[0])):
        raise RuntimeError(f"{path}: {errors}")
    return {"requests": int(requests), "bytes": float(number) * UNITS[unit],
            "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))}


def measure(name: str, folder: pathlib.Path, backend: int, names: int, seconds: int, warm: int) -> dict:
    ports = subjects.free_ports(["gateway", "admin"])
    config = bootstrap(folder, name, ports["gateway"], ports["admin"], backend, names)
    process = subjects.Process(name, command(name, config), folder / f"{name}.log")
    try:
        deadline = time.monotonic() + 60
        while subprocess.run(["curl", "-sk", "-m", "2", "-o", "/dev/null", f"https://localhost:{ports['gateway']}/small"],
                             check=False).returncode:
            process.check()
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} does not answer; see {folder}")
            time.sleep(0.05)
        result = {"subject": name, "names": names}
        for load, path, connections, close in (("bytes", "large", 16, False), ("connections", "small", 32, True)):
            wrk(ports["gateway"], path, connections, warm, close)
            before = sum(process.cpu_seconds())
            ran = wrk(ports["gateway"], path, connections, seconds, close)
            spent = sum(process.cpu_seconds()) - before
            if load == "bytes":
                result |= {"mb_per_s": ran["bytes"] / seconds / (1 << 20), "cpu_ms_per_gb": spent * 1e3 / (ran["bytes"] / (1 << 30))}
            else:
                result |= {"connections_per_s": ran["rate"], "cpu_us_per_connection": spent * 1e6 / ran["requests"]}
        result["rss_mb"] = process.rss_mb()
        return result
    finally:
        process.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", default="2000", help="server names of the gateway")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--warm", type=int, default=10, help="seconds before the measured ones (ours; an Envoy has 2)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, help="where the rounds go as JSON")
    options = parser.parse_args()
    order = random.Random(options.seed)
    rows = []
    with tempfile.TemporaryDirectory(prefix="selvage-bench-") as temporary:
        folder = pathlib.Path(temporary)
        os.chmod(folder, 0o755)  # nginx's worker is another user
        certs.make(folder)
        backend = TlsNginx(folder)
        try:
            for names in [int(n) for n in options.names.split(",")]:
                for number in range(options.rounds):
                    for name in order.sample(["envoy", "selvage"], 2):
                        row = measure(name, folder, backend.port, names, options.seconds,
                                      2 if name == "envoy" else options.warm)
                        rows.append(row | {"round": number})
                        print(json.dumps(rows[-1]), file=sys.stderr)
        finally:
            backend.stop()
    for names in sorted({row["names"] for row in rows}):
        print(f"{names} server names, median of {options.rounds} (lowest to highest)")
        for figure in ("mb_per_s", "cpu_ms_per_gb", "connections_per_s", "cpu_us_per_connection", "rss_mb"):
            medians = {}
            for name in ("selvage", "envoy"):
                values = [row[figure] for row in rows if row["subject"] == name and row["names"] == names]
                medians[name] = statistics.median(values)
                print(f"  {figure:<22} {name:<8} {medians[name]:>9.1f}  ({min(values):.1f} to {max(values):.1f})")
            print(f"  {'':<22} ratio    {medians['selvage'] / medians['envoy']:>9.2f}")
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(rows, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
