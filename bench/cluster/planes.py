"""The two control planes that are compared, each started on the same API server, alone."""

import os
import pathlib
import time
import urllib.request

from kube import Kube, PEERS, ROOT_NAMESPACE, free_port
from process import Peer

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Plane:
    """What is common: a port with TLS for ADS and the CA, and a place that says when it is ready."""

    name = ""

    def __init__(self, kube: Kube, folder: pathlib.Path, options: list[str]):
        self.port, self.ready_port = free_port(), free_port()
        self.began = time.time_ns()
        self.process = self.start(kube, folder, options)

    def start(self, kube: Kube, folder: pathlib.Path, options: list[str]) -> Peer:
        raise NotImplementedError

    def ready(self, limit: float = 120) -> float:
        """Seconds from the start to readiness."""
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            self.process.alive()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.ready_port}/ready", timeout=1) as answer:
                    if answer.status == 200:
                        return (time.time_ns() - self.began) / 1e9
            except OSError:
                pass
            time.sleep(0.01)
        raise RuntimeError(f"{self.name} does not get ready:\n{self.process.log.read_text()[-3000:]}")

    def stop(self) -> None:
        self.process.stop()


class Istiod(Plane):
    """As `istioctl` installs it but for the limit of new connections; its debounce is its default (100 ms)."""

    name = "istiod"

    def start(self, kube: Kube, folder: pathlib.Path, options: list[str]) -> Peer:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "ROOT_CA_DIR": str(kube.ca), "POD_NAME": "istiod",
            "POD_NAMESPACE": ROOT_NAMESPACE, "CLUSTER_ID": "Kubernetes", "REVISION": "default", "PILOT_CERT_PROVIDER": "istiod",
            "PILOT_MAX_REQUESTS_PER_SECOND": "100000"}
        return Peer(self.name, [
            PEERS / "pilot-discovery", "discovery", f"--kubeconfig={kube.kubeconfig}", f"--httpAddr=127.0.0.1:{self.ready_port}",
            f"--secureGRPCAddr=127.0.0.1:{self.port}", f"--httpsAddr=127.0.0.1:{free_port()}", f"--grpcAddr=127.0.0.1:{free_port()}",
            f"--monitoringAddr=127.0.0.1:{free_port()}", "--ctrlz_port=0", *options], folder, environment)


class Selvage(Plane):
    """By its launcher, with the launcher's flags."""

    name = "selvage"

    def start(self, kube: Kube, folder: pathlib.Path, options: list[str]) -> Peer:
        return Peer(self.name, [
            ROOT / "selvage", "control", f"--kubeconfig={kube.kubeconfig}", "--address=127.0.0.1", f"--port={self.port}",
            f"--ready-port={self.ready_port}", f"--namespace={ROOT_NAMESPACE}", *options], folder, {**os.environ, "SELVAGE_NO_BUILD": "1"})


PLANES = {"istiod": Istiod, "selvage": Selvage}
