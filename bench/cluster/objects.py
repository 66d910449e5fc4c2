"""The cluster that is measured: what is in it, and how it gets into an API server.

Services of 5 Pods each over namespaces; one AuthorizationPolicy for each Service, which selects its Pods. Every tenth
Service has a TCP port beside its HTTP port. Pods are objects with an address and a sidecar's container: nothing runs.
With `service_entries`, that many ServiceEntries with written endpoints stand in place of Services and EndpointSlices.
With `sidecars`, a Sidecar of the mesh has each workload told of its own namespace alone.
"""

import concurrent.futures
import dataclasses
import json
import pathlib
import subprocess

from kube import Kube, PEERS, ROOT_NAMESPACE


@dataclasses.dataclass(frozen=True)
class Size:
    services: int = 2000
    pods_each: int = 5
    namespaces: int = 40
    policies: int = 2000
    clients: int = 1000
    service_entries: int = 0
    sidecars: int = 0

    @property
    def workloads(self) -> int:
        return self.service_entries or self.services


def namespace(size: Size, service: int) -> str:
    return f"team-{service % size.namespaces:02d}"


def address(pod: int) -> str:
    return f"10.{100 + (pod >> 16)}.{pod >> 8 & 255}.{pod & 255}"


def service(size: Size, i: int) -> dict:
    ports = [{"name": "http", "port": 8000, "targetPort": 8080, "protocol": "TCP"}]
    if i % 10 == 0:
        ports.append({"name": "tcp", "port": 9000, "targetPort": 9090, "protocol": "TCP"})
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": f"svc-{i}", "namespace": namespace(size, i), "labels": {"app": f"svc-{i}"}},
            "spec": {"selector": {"app": f"svc-{i}"}, "ports": ports}}


def service_entry(size: Size, i: int, ready: bool = True) -> dict:
    """What `service` and `slice_of` say, as one ServiceEntry: an endpoint that is not ready is not in it."""
    ports = [{"name": p["name"], "number": p["port"], "targetPort": p["targetPort"], "protocol": p["name"].upper()} for p in service(size, i)["spec"]["ports"]]
    return {"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry", "metadata": {"name": f"svc-{i}", "namespace": namespace(size, i)},
            "spec": {"hosts": [f"svc-{i}.{namespace(size, i)}.mesh.internal"], "addresses": [f"10.97.{i >> 8}.{i & 255}"], "location": "MESH_INTERNAL",
                     "resolution": "STATIC", "ports": ports,
                     "endpoints": [{"address": address(i * size.pods_each + k), "serviceAccount": f"svc-{i}",
                                    "labels": {"app": f"svc-{i}", "security.istio.io/tlsMode": "istio"}}
                                   for k in range(size.pods_each) if ready or k > 0]}}


def pod_name(i: int, k: int) -> str:
    return f"svc-{i}-7d9c5b8f6d-{k:05d}"


def slice_of(size: Size, i: int, ready: bool = True) -> dict:
    space = namespace(size, i)
    ports = [{"name": p["name"], "port": p["targetPort"], "protocol": "TCP"} for p in service(size, i)["spec"]["ports"]]
    return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": {"name": f"svc-{i}-abcde", "namespace": space, "labels": {"kubernetes.io/service-name": f"svc-{i}", "app": f"svc-{i}"}},
            "addressType": "IPv4", "ports": ports,
            "endpoints": [{"addresses": [address(i * size.pods_each + k)],
                           "conditions": {"ready": ready or k > 0, "serving": ready or k > 0, "terminating": False},
                           "targetRef": {"kind": "Pod", "name": pod_name(i, k), "namespace": space}} for k in range(size.pods_each)]}


def pod(size: Size, i: int, k: int) -> dict:
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": pod_name(i, k), "namespace": namespace(size, i),
                         "labels": {"app": f"svc-{i}", "pod-template-hash": "7d9c5b8f6d", "security.istio.io/tlsMode": "istio",
                                    "service.istio.io/canonical-name": f"svc-{i}", "service.istio.io/canonical-revision": "latest"},
                         "annotations": {"kubectl.kubernetes.io/default-container": "app", "prometheus.io/scrape": "true"}},
            "spec": {"serviceAccountName": f"svc-{i}", "automountServiceAccountToken": False, "nodeName": f"node-{k}",
                     "containers": [
                         {"name": "app", "image": "registry.invalid/team/app:1.0", "ports": [{"name": "http", "containerPort": 8080}],
                          "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}},
                         {"name": "istio-proxy", "image": "registry.invalid/proxy:1.0", "args": ["proxy", "sidecar"],
                          "env": [{"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                                  {"name": "POD_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}}],
                          "ports": [{"name": "http-envoy-prom", "containerPort": 15090}]}]}}


def pod_status(size: Size, i: int, k: int) -> dict:
    ip = address(i * size.pods_each + k)
    return {"status": {"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}], "hostIP": f"10.90.0.{k}",
                       "conditions": [{"type": t, "status": "True"} for t in ("Initialized", "Ready", "ContainersReady", "PodScheduled")]}}


def policy(size: Size, i: int) -> dict:
    n = i % size.workloads
    callers = [f"cluster.local/ns/{namespace(size, n + d)}/sa/svc-{(n + d) % size.workloads}" for d in (1, 2, 3)]
    return {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": {"name": f"policy-{i}", "namespace": namespace(size, n)},
            "spec": {"selector": {"matchLabels": {"app": f"svc-{n}"}}, "action": "ALLOW",
                     "rules": [{"from": [{"source": {"principals": callers}}],
                                "to": [{"operation": {"methods": ["GET", "POST"], "paths": [f"/api/v{i % 3}/*", "/healthz"]}}]}]}}


def changed_policy(name: str, space: str, mark: int) -> dict:
    """What is written to measure a change: a whole namespace, or the mesh, denies one more path."""
    return {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": {"name": name, "namespace": space},
            "spec": {"action": "DENY", "rules": [{"to": [{"operation": {"paths": [f"/bench/{mark}"]}}]}]}}


def own_namespaces() -> dict:
    return {"apiVersion": "networking.istio.io/v1", "kind": "Sidecar", "metadata": {"name": "default", "namespace": ROOT_NAMESPACE},
            "spec": {"egress": [{"hosts": ["./*"]}]}}


def clients(size: Size) -> list[tuple[int, int]]:
    """Which Pods' sidecars connect: spread over all Services."""
    step = max(1, size.workloads // size.clients)
    return [((c * step) % size.workloads, (c * step) // size.workloads % size.pods_each) for c in range(size.clients)]


def make_ca(folder: pathlib.Path) -> None:
    """A CA with a P-256 key, as a cacerts folder; both planes sign with it."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
                    "-subj", "/O=cluster.local/CN=Root CA", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                    "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", folder / "ca-key.pem", "-out", folder / "root-cert.pem"],
                   check=True, capture_output=True)
    certificate = (folder / "root-cert.pem").read_text()
    (folder / "ca-cert.pem").write_text(certificate)
    (folder / "cert-chain.pem").write_text(certificate)


def fill(kube: Kube, size: Size) -> None:
    """Writes all of it, and a file of the clients with their Pods' tokens."""
    manifest = subprocess.run([PEERS / "istioctl", "manifest", "generate", "--set", "profile=minimal"], check=True, capture_output=True,
                              text=True).stdout
    kube.kubectl("create", "namespace", ROOT_NAMESPACE)
    kube.kubectl("apply", "--server-side", "-f", "-", stdin=manifest)
    kube.kubectl("delete", "mutatingwebhookconfigurations,validatingwebhookconfigurations", "--all")
    kube.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
    mesh = {"rootNamespace": ROOT_NAMESPACE, "trustDomain": "cluster.local"}
    kube.call("PATCH", f"/api/v1/namespaces/{ROOT_NAMESPACE}/configmaps/istio?fieldManager=bench&force=true",
              {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio"}, "data": {"mesh": json.dumps(mesh), "meshNetworks": "networks: {}"}},
              "application/apply-patch+yaml")
    make_ca(kube.folder / "cacerts")
    kube.kubectl("-n", ROOT_NAMESPACE, "create", "secret", "generic", "cacerts", f"--from-file={kube.folder / 'cacerts'}")
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        def every(write, over) -> None:
            for done in [pool.submit(write, *item) if isinstance(item, tuple) else pool.submit(write, item) for item in over]:
                done.result()
        every(lambda n: kube.call("POST", "/api/v1/namespaces", {"metadata": {"name": f"team-{n:02d}"}}), range(size.namespaces))
        spaces = "/api/v1/namespaces/"
        every(lambda k: kube.call("POST", "/api/v1/nodes", {"metadata": {"name": f"node-{k}", "labels": {
            "topology.kubernetes.io/region": "region-1", "topology.kubernetes.io/zone": f"zone-{k % 3}"}}}), range(size.pods_each))
        every(lambda i: kube.call("POST", f"{spaces}{namespace(size, i)}/serviceaccounts", {"metadata": {"name": f"svc-{i}"}}), range(size.workloads))
        if size.service_entries:
            every(lambda i: kube.call("POST", f"/apis/networking.istio.io/v1/namespaces/{namespace(size, i)}/serviceentries", service_entry(size, i)),
                  range(size.service_entries))
        else:
            every(lambda i: kube.call("POST", f"{spaces}{namespace(size, i)}/services", service(size, i)), range(size.services))
            every(lambda i: kube.call("POST", f"/apis/discovery.k8s.io/v1/namespaces/{namespace(size, i)}/endpointslices", slice_of(size, i)),
                  range(size.services))
        if size.sidecars:
            kube.call("POST", f"/apis/networking.istio.io/v1/namespaces/{ROOT_NAMESPACE}/sidecars", own_namespaces())
        every(lambda i: kube.call("POST", f"/apis/security.istio.io/v1/namespaces/{namespace(size, i % size.workloads)}/authorizationpolicies",
                                  policy(size, i)), range(size.policies))

        def run(i: int, k: int) -> None:
            pods = f"{spaces}{namespace(size, i)}/pods"
            kube.call("POST", pods, pod(size, i, k))
            kube.call("PATCH", f"{pods}/{pod_name(i, k)}/status", pod_status(size, i, k), "application/merge-patch+json")
        every(run, [(i, k) for i in range(size.workloads) for k in range(size.pods_each)])

        def token(i: int, k: int) -> str:
            asked = {"spec": {"audiences": ["istio-ca"], "expirationSeconds": 604800,
                              "boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": pod_name(i, k)}}}
            made = kube.call("POST", f"{spaces}{namespace(size, i)}/serviceaccounts/svc-{i}/token", asked)["status"]["token"]
            return "\t".join((pod_name(i, k), namespace(size, i), f"svc-{i}", address(i * size.pods_each + k), made))
        lines = list(pool.map(lambda c: token(*c), clients(size)))
    (kube.folder / "clients.tsv").write_text("\n".join(lines) + "\n")
    (kube.folder / "size.json").write_text(json.dumps(dataclasses.asdict(size)))
