"""The pairs of proxies under test. Each is started as two processes and ended by the same object."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

import envoy_config

CACHE = pathlib.Path(os.environ.get("SELVAGE_PEERS") or
                     pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "selvage" / "peers")
ROOT = pathlib.Path(__file__).resolve().parents[2]


def free_ports(names: list) -> dict:
    """Ports that were free a moment ago, by name."""
    held = []
    for _ in names:
        s = socket.socket()
        s.bind(("127.0.0.1", 0))
        held.append(s)
    ports = {name: s.getsockname()[1] for name, s in zip(names, held)}
    for s in held:
        s.close()
    return ports


class Process:
    """One process of a subject: its processor time and memory are read from /proc."""

    def __init__(self, name: str, command: list, log: pathlib.Path, env: dict | None = None):
        self.name, self.log = name, log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                            env={**os.environ, **(env or {})}, start_new_session=True)

    def cpu_seconds(self) -> tuple[float, float]:
        """User and system time so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        tick = os.sysconf("SC_CLK_TCK")
        return int(fields[11]) / tick, int(fields[12]) / tick

    def rss_mb(self) -> float:
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def check(self):
        if self.process.poll() is not None:
            tail = self.log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{tail}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Pair:
    """A client-side and a server-side proxy in front of a backend."""

    def __init__(self, name: str, folder: pathlib.Path, backend: int, rules: int):
        self.name, self.folder, self.rules = name, folder, rules
        self.ports = {**free_ports(["client", "server", "client_admin", "server_admin"]), "backend": backend}
        self.processes: list[Process] = []

    def start(self):
        for side, command, env in self.commands():
            self.processes.append(Process(f"{self.name} {side}", command, self.folder / f"{self.name}-{side}.log", env))
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(self.url(), timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                pass
            for process in self.processes:
                process.check()
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} does not answer; see {self.folder}")
            time.sleep(0.05)

    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['client']}/bench"

    def stop(self):
        for process in self.processes:
            process.stop()
        self.processes.clear()


class Envoy(Pair):
    """Envoy with one worker each."""

    def commands(self):
        client, server = envoy_config.write(self.folder, self.ports, self.rules)
        for side, config in (("server", server), ("client", client)):
            yield side, [str(CACHE / "envoy"), "-c", str(config), "--concurrency", "1", "--disable-hot-restart",
                         "-l", "error", "--base-id", str(os.getpid() % 30000 + (side == "client"))], None


class Selvage(Pair):
    """Our proxy with one event loop each, from the same files that Envoy gets."""

    transport = "epoll"

    def commands(self):
        client, server = envoy_config.write(self.folder, self.ports, self.rules)
        for side, config in (("server", server), ("client", client)):
            yield side, [str(ROOT / "selvage"), "proxy", "--config", str(config), "--event-loops", "1",
                         "--transport", self.transport], None


class SelvageIoUring(Selvage):
    """The same on io_uring."""

    transport = "io_uring"


class HAProxy(Pair):
    """HAProxy with one thread each. It has no policies of this kind: only the run with one rule is compared."""

    def commands(self):
        f, p = self.folder, self.ports
        head = ("global\n  nbthread 1\n  maxconn 4096\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 60s\n"
                "  timeout server 60s\n  http-reuse always\n")
        (f / "haproxy-client.cfg").write_text(
            head + f"frontend f\n  bind 127.0.0.1:{p['client']}\n  default_backend b\nbackend b\n"
            f"  server s 127.0.0.1:{p['server']} ssl verify required ca-file {f}/root.pem crt {f}/client.both.pem\n")
        (f / "haproxy-server.cfg").write_text(
            head + f"frontend f\n  bind 127.0.0.1:{p['server']} ssl crt {f}/server.both.pem ca-file {f}/root.pem verify required\n"
            "  http-request set-header X-Forwarded-Client-Cert Hash=%[ssl_c_der,sha2(256),hex,lower]\n"
            f"  http-request deny unless METH_GET\n  default_backend b\nbackend b\n  server s 127.0.0.1:{p['backend']}\n")
        for side in ("server", "client"):
            yield side, [shutil.which("haproxy") or "/usr/sbin/haproxy", "-db", "-f", str(f / f"haproxy-{side}.cfg")], None


class Nginx(Process):
    """The backend: 256 bytes, one worker, keep-alive without end."""

    def __init__(self, folder: pathlib.Path):
        self.port = free_ports(["backend"])["backend"]
        body = "x" * 256
        config = folder / "nginx.conf"
        config.write_text(
            f"worker_processes 1;\ndaemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.err;\n"
            "events { worker_connections 4096; }\nhttp {\n  access_log off;\n  keepalive_requests 100000000;\n"
            f"  server {{ listen 127.0.0.1:{self.port}; location / {{ default_type text/plain; return 200 \"{body}\"; }} }}\n}}\n")
        super().__init__("nginx", [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(config), "-p", str(folder),
                                   "-e", f"{folder}/nginx.err"], folder / "nginx.log")


SUBJECTS = {"envoy": Envoy, "haproxy": HAProxy, "selvage-epoll": Selvage, "selvage-io_uring": SelvageIoUring}
