"""A real Kubernetes API on loopback: etcd and kube-apiserver, without controllers and nodes."""

import http.client
import json
import os
import pathlib
import secrets
import socket
import ssl
import subprocess
import threading
import time

from process import Peer

PEERS = pathlib.Path(os.environ.get("SELVAGE_PEERS", os.environ.get("XDG_CACHE_HOME", str(pathlib.Path.home() / ".cache")) + "/selvage/peers"))
ISSUER = "https://kubernetes.default.svc"
ROOT_NAMESPACE = "istio-system"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Kube:
    """Started on what a folder holds; a folder that was filled once can be started again."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.ca = folder / "cacerts"  # of the plug-in CA; an empty folder: none
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.peers: list[Peer] = []
        self.local = threading.local()
        self.token = self._secrets()
        try:
            self._launch()
        except BaseException:
            self.stop()
            raise

    def _secrets(self) -> str:
        tokens = self.folder / "tokens.csv"
        if not tokens.exists():
            tokens.write_text(secrets.token_hex(16) + ",admin,admin,system:masters\n")
            subprocess.run(["openssl", "genrsa", "-out", self.folder / "account.key", "2048"], check=True, capture_output=True)
            subprocess.run(["openssl", "rsa", "-in", self.folder / "account.key", "-pubout", "-out", self.folder / "account.pub"],
                           check=True, capture_output=True)
        return tokens.read_text().split(",")[0]

    def _launch(self) -> None:
        etcd, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self.peers.append(Peer("etcd", [
            "etcd", "--data-dir=etcd", f"--listen-client-urls={etcd}", f"--advertise-client-urls={etcd}", f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=default={peer}", "--unsafe-no-fsync", "--force-new-cluster"
            if (self.folder / "etcd").exists() else "--initial-cluster-state=new"], self.folder))
        self.peers.append(Peer("kube-apiserver", [
            PEERS / "kube-apiserver", f"--etcd-servers={etcd}", "--cert-dir=certs", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
            f"--secure-port={self.port}", f"--service-account-issuer={ISSUER}", "--service-account-key-file=account.pub",
            "--service-account-signing-key-file=account.key", f"--api-audiences={ISSUER},istio-ca", "--token-auth-file=tokens.csv",
            "--authorization-mode=RBAC", "--service-cluster-ip-range=10.96.0.0/16", "--endpoint-reconciler-type=none"], self.folder))
        deadline = time.monotonic() + 60
        while not self._ready():
            for process in self.peers:
                process.alive()
            if time.monotonic() > deadline:
                raise RuntimeError("the API server does not get ready")
            time.sleep(0.1)
        if (self.folder / "size.json").exists():
            self._fill_caches(deadline)
        self.kubeconfig = self.folder / "kubeconfig"
        self.kubeconfig.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "bench",
            "clusters": [{"name": "bench", "cluster": {"server": f"https://127.0.0.1:{self.port}",
                                                       "certificate-authority": str(self.folder / "certs/apiserver.crt")}}],
            "users": [{"name": "admin", "user": {"token": self.token}}],
            "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "admin"}}]}))

    def _fill_caches(self, deadline: float) -> None:
        """Asks until lists are answered from memory: an API server that just started says that its storage begins."""
        for path in ("/api/v1/pods", "/api/v1/services", "/apis/discovery.k8s.io/v1/endpointslices", "/apis/security.istio.io/v1/authorizationpolicies",
                     "/apis/security.istio.io/v1/requestauthentications", "/apis/networking.istio.io/v1/destinationrules"):
            while True:
                try:
                    self.call("GET", path + "?resourceVersion=0&limit=1", raw=True)
                    break
                except RuntimeError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.1)

    def _ready(self) -> bool:
        try:
            return self.call("GET", "/readyz", raw=True) == "ok"
        except (OSError, RuntimeError, http.client.HTTPException):
            return False

    def _connection(self) -> http.client.HTTPSConnection:
        if getattr(self.local, "connection", None) is None:
            tls = ssl.create_default_context(cafile=self.folder / "certs/apiserver.crt")
            self.local.connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=tls, timeout=30)
            self.local.connection.connect()
            self.local.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.local.connection

    def call(self, method: str, path: str, body: dict | None = None, kind: str = "application/json", raw: bool = False):
        for fresh in (False, True):
            try:
                connection = self._connection()
                connection.request(method, path, None if body is None else json.dumps(body),
                                   {"Authorization": f"Bearer {self.token}", "Content-Type": kind})
                answer = connection.getresponse()
                text = answer.read()
                break
            except (OSError, http.client.HTTPException):  # such as one that was idle for too long
                self.local.connection = None
                if fresh:
                    raise
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:500]!r}")
        return text.decode() if raw else json.loads(text)

    def kubectl(self, *line: str, stdin: str | None = None) -> str:
        return subprocess.run([PEERS / "kubectl", f"--kubeconfig={self.kubeconfig}", *line], input=stdin, check=True,
                              capture_output=True, text=True).stdout

    def stop(self) -> None:
        for process in reversed(self.peers):
            process.stop()
