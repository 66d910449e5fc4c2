"""The cluster that the doctor looks at: workloads as Istio injects them, as objects; an istiod that really runs; and the pages of one
real sidecar, kept for the kubelet that plays the others."""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import urllib.request

import objects
from kube import Kube, PEERS, ROOT_NAMESPACE
from process import Peer

NODES = 5
HASH = "7d9c5b8f6d"
ISTIOD_ADDRESS = "10.90.1.1"
WEBHOOKS = "mutatingwebhookconfigurations,validatingwebhookconfigurations"
MERGE = "application/merge-patch+json"


def name(i: int) -> str:
    return f"svc-{i}"


def space(i: int) -> str:
    return f"team-{i % 10:02d}"


def pod_name(app: str) -> str:
    return f"{app}-{HASH}-00000"


def stamp(ago: float = 0) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - ago)) + ".000000Z"


def every(write, over) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(write, one) for one in over]:
            done.result()


def injected(kube: Kube) -> dict:
    """The Pod's template of a workload as Istio's own injection makes it."""
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name(0), "namespace": space(0)}, "spec": {
        "selector": {"matchLabels": {"app": name(0)}}, "template": {"metadata": {"labels": {"app": name(0)}}, "spec": {
            "serviceAccountName": name(0), "containers": [{"name": "app", "image": "registry.invalid/team/app:1.0", "ports": [
                {"name": "http", "containerPort": 8080}], "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}}]}}}}
    plain, made = kube.folder / "plain.json", kube.folder / "injected.yaml"
    plain.write_text(json.dumps(deployment))
    for what in ("config", "values"):
        text = kube.call("GET", f"/api/v1/namespaces/{ROOT_NAMESPACE}/configmaps/istio-sidecar-injector")["data"][what]
        (kube.folder / what).write_text(text)
    (kube.folder / "mesh").write_text(kube.call("GET", f"/api/v1/namespaces/{ROOT_NAMESPACE}/configmaps/istio")["data"]["mesh"])
    subprocess.run([PEERS / "istioctl", "kube-inject", f"--kubeconfig={kube.kubeconfig}", "-f", plain, "-o", made, f"--injectConfigFile={kube.folder}/config",
                    f"--valuesFile={kube.folder}/values", f"--meshConfigFile={kube.folder}/mesh"], check=True, capture_output=True)
    return json.loads(kube.kubectl("create", "--dry-run=client", "-o", "json", "-f", str(made)))["spec"]["template"]


class Filling:
    """Writes objects."""

    def __init__(self, kube: Kube, workloads: int, kubelet: int):
        self.kube, self.workloads, self.kubelet = kube, workloads, kubelet

    def all(self) -> None:
        kube = self.kube
        manifest = subprocess.run([PEERS / "istioctl", "manifest", "generate", "--set", "profile=minimal"], check=True, capture_output=True, text=True).stdout
        kube.kubectl("create", "namespace", ROOT_NAMESPACE)
        kube.kubectl("apply", "--server-side", "-f", "-", stdin=manifest)
        webhooks = json.loads(kube.kubectl("get", WEBHOOKS, "-o", "json"))
        kube.kubectl("delete", WEBHOOKS, "--all")
        kube.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
        objects.make_ca(kube.folder / "cacerts")
        kube.kubectl("-n", ROOT_NAMESPACE, "create", "secret", "generic", "cacerts", f"--from-file={kube.folder / 'cacerts'}")
        self.for_any_envoy()
        every(self.node, range(NODES))
        every(lambda n: kube.call("POST", "/api/v1/namespaces", {"metadata": {"name": f"team-{n:02d}", "labels": {"istio-injection": "enabled"}}}), range(10))
        kube.call("POST", f"/apis/security.istio.io/v1/namespaces/{ROOT_NAMESPACE}/peerauthentications", {
            "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "metadata": {"name": "default"}, "spec": {"mtls": {"mode": "STRICT"}}})
        kube.call("POST", f"/api/v1/namespaces/{ROOT_NAMESPACE}/serviceaccounts", {"metadata": {"name": "default"}})
        self.control_plane()
        template = json.dumps(injected(kube))
        every(lambda i: self.workload(i, template), range(self.workloads))
        (kube.folder / "clients.tsv").write_text("".join(self.client(i) for i in range(self.workloads)))
        for webhook in webhooks["items"]:
            for field in ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"):
                webhook["metadata"].pop(field, None)
        kube.kubectl("create", "-f", "-", stdin=json.dumps(webhooks))

    def for_any_envoy(self) -> None:
        """Istio's telemetry is a filter of its own Envoy; the one that is recorded here is Envoy's."""
        path = f"/api/v1/namespaces/{ROOT_NAMESPACE}/configmaps/istio"
        mesh = self.kube.call("GET", path)["data"]["mesh"]
        self.kube.call("PATCH", path, {"data": {"mesh": re.sub(r"(?m)^defaultProviders:\n(?:[ -].*\n)+", "", mesh)}}, MERGE)

    def node(self, k: int) -> None:
        self.kube.call("POST", "/api/v1/nodes", {"metadata": {"name": f"node-{k}"}})
        self.kube.call("PATCH", f"/api/v1/nodes/node-{k}/status", {"status": {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}], "daemonEndpoints": {"kubeletEndpoint": {"Port": self.kubelet}},
            "conditions": [{"type": "Ready", "status": "True"}]}}, MERGE)
        self.renew(k, "POST")

    def renew(self, k: int, method: str = "PATCH") -> None:
        """As a kubelet does every ten seconds: by it a node's clock is read."""
        leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
        if k == 0 and method == "POST":
            try:
                self.kube.call("POST", "/api/v1/namespaces", {"metadata": {"name": "kube-node-lease"}})
            except RuntimeError as e:
                if "AlreadyExists" not in str(e):
                    raise
        lease = {"metadata": {"name": f"node-{k}"}, "spec": {"holderIdentity": f"node-{k}", "leaseDurationSeconds": 40, "renewTime": stamp()}}
        self.kube.call(method, leases if method == "POST" else f"{leases}/node-{k}", lease, "application/json" if method == "POST" else MERGE)

    def control_plane(self) -> None:
        deployment = self.kube.call("GET", f"/apis/apps/v1/namespaces/{ROOT_NAMESPACE}/deployments/istiod")
        self.run(deployment, ROOT_NAMESPACE, "istiod", ISTIOD_ADDRESS, 0)
        service = self.kube.call("GET", f"/api/v1/namespaces/{ROOT_NAMESPACE}/services/istiod")
        self.slice(ROOT_NAMESPACE, "istiod", ISTIOD_ADDRESS, [(port["name"], int(port.get("targetPort", port["port"]))) for port in service["spec"]["ports"]])

    def workload(self, i: int, template: str) -> None:
        app, at, call = name(i), space(i), self.kube.call
        own = json.loads(template.replace(f'"{name(0)}"', f'"{app}"'))
        call("POST", f"/api/v1/namespaces/{at}/serviceaccounts", {"metadata": {"name": app}})
        call("POST", f"/api/v1/namespaces/{at}/services", {"metadata": {"name": app, "labels": {"app": app}}, "spec": {
            "selector": {"app": app}, "ports": [{"name": "http", "port": 8000, "targetPort": 8080}]}})
        made = call("POST", f"/apis/apps/v1/namespaces/{at}/deployments", {"metadata": {"name": app, "labels": {"app": app}}, "spec": {
            "replicas": 1, "selector": {"matchLabels": {"app": app}}, "template": own}})
        self.run(made, at, app, objects.address(i), i % NODES)
        self.slice(at, app, objects.address(i), [("http", 8080)])
        call("POST", f"/apis/security.istio.io/v1/namespaces/{at}/authorizationpolicies", {
            "apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": {"name": app}, "spec": {
                "selector": {"matchLabels": {"app": app}}, "rules": [{
                    "from": [{"source": {"principals": [f"cluster.local/ns/{space(n)}/sa/{name(n)}" for n in (1, 2, 3)]}}],
                    "to": [{"operation": {"methods": ["GET", "POST"], "paths": ["/api/*", "/healthz"]}}]}]}})

    def run(self, deployment: dict, at: str, app: str, address: str, node: int) -> None:
        """What controllers, a scheduler and a kubelet make of a Deployment, as far as objects go."""
        call, meta = self.kube.call, deployment["metadata"]
        template = json.loads(json.dumps(deployment["spec"]["template"]))
        template["metadata"].setdefault("labels", {})["pod-template-hash"] = HASH
        labels = template["metadata"]["labels"]
        sets = call("POST", f"/apis/apps/v1/namespaces/{at}/replicasets", {"metadata": {
            "name": f"{app}-{HASH}", "labels": labels, "ownerReferences": [self.owner("Deployment", app, meta["uid"])]}, "spec": {
                "replicas": 1, "selector": {"matchLabels": {**deployment["spec"]["selector"]["matchLabels"], "pod-template-hash": HASH}}, "template": template}})
        for kind, one in (("deployments", app), ("replicasets", f"{app}-{HASH}")):
            status = {"replicas": 1, "readyReplicas": 1, "availableReplicas": 1, "observedGeneration": 1}
            call("PATCH", f"/apis/apps/v1/namespaces/{at}/{kind}/{one}/status", {"status": status | ({"updatedReplicas": 1} if one == app else {})}, MERGE)
        pods = f"/api/v1/namespaces/{at}/pods"
        pod = call("POST", pods, {"metadata": {**template["metadata"], "name": pod_name(app), "ownerReferences": [
            self.owner("ReplicaSet", f"{app}-{HASH}", sets["metadata"]["uid"])]}, "spec": {**template["spec"], "nodeName": f"node-{node}"}})
        begun = {"running": {"startedAt": stamp(600)[:19] + "Z"}}
        done = {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": stamp(610)[:19] + "Z", "finishedAt": stamp(605)[:19] + "Z"}}

        def statuses(of: str) -> list[dict]:
            return [{"name": c["name"], "image": c["image"], "imageID": "", "ready": True, "restartCount": 0,
                     "state": begun if of == "containers" or c.get("restartPolicy") else done} for c in pod["spec"].get(of, [])]
        call("PATCH", f"{pods}/{pod_name(app)}/status", {"status": {
            "phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "hostIP": "127.0.0.1", "startTime": stamp(610)[:19] + "Z",
            "conditions": [{"type": t, "status": "True"} for t in ("Initialized", "Ready", "ContainersReady", "PodScheduled")],
            "containerStatuses": statuses("containers"), "initContainerStatuses": statuses("initContainers")}}, MERGE)

    @staticmethod
    def owner(kind: str, app: str, uid: str) -> dict:
        return {"apiVersion": "apps/v1", "kind": kind, "name": app, "uid": uid, "controller": True}

    def slice(self, at: str, app: str, address: str, ports: list[tuple[str, int]]) -> None:
        self.kube.call("POST", f"/apis/discovery.k8s.io/v1/namespaces/{at}/endpointslices", {
            "metadata": {"name": f"{app}-abcde", "labels": {"kubernetes.io/service-name": app}}, "addressType": "IPv4",
            "ports": [{"name": n, "port": p, "protocol": "TCP"} for n, p in ports], "endpoints": [
                {"addresses": [address], "conditions": {"ready": True, "serving": True, "terminating": False},
                 "targetRef": {"kind": "Pod", "name": pod_name(app), "namespace": at}}]})

    def client(self, i: int) -> str:
        asked = {"spec": {"audiences": ["istio-ca"], "expirationSeconds": 604800,
                          "boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": pod_name(name(i))}}}
        token = self.kube.call("POST", f"/api/v1/namespaces/{space(i)}/serviceaccounts/{name(i)}/token", asked)["status"]["token"]
        return "\t".join((pod_name(name(i)), space(i), name(i), objects.address(i), token)) + "\n"


def istiod(kube: Kube) -> Peer:
    """As `istioctl` installs it, at its own ports."""
    logs = kube.folder / "logs"
    logs.mkdir(exist_ok=True)
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(kube.folder), "ROOT_CA_DIR": str(kube.folder / "cacerts"), "POD_NAME": pod_name("istiod"),
        "POD_NAMESPACE": ROOT_NAMESPACE, "CLUSTER_ID": "Kubernetes", "REVISION": "default", "PILOT_CERT_PROVIDER": "istiod",
        "PILOT_MAX_REQUESTS_PER_SECOND": "100000", "PILOT_ENABLE_METADATA_EXCHANGE": "false", "PILOT_ENABLE_ALPN_FILTER": "false",
        "INJECTION_WEBHOOK_CONFIG_NAME": "istio-sidecar-injector", "VALIDATION_WEBHOOK_CONFIG_NAME": "istio-validator-istio-system"}
    peer = Peer("istiod", [PEERS / "pilot-discovery", "discovery", f"--kubeconfig={kube.kubeconfig}", "--httpAddr=127.0.0.1:8080",
                           "--secureGRPCAddr=127.0.0.1:15012", "--httpsAddr=127.0.0.1:15017", "--grpcAddr=127.0.0.1:15010",
                           "--monitoringAddr=127.0.0.1:15014", "--ctrlz_port=0"], kube.folder, environment)
    (logs / "discovery").symlink_to(peer.log)
    return peer


def fetched(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def until(what: str, question, limit: float = 60) -> None:
    deadline = time.monotonic() + limit
    while True:
        try:
            if question():
                return
        except OSError as e:
            last = e
        else:
            last = None
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within {limit} s: {what} ({last})")
        time.sleep(0.2)


def record(kube: Kube, workloads: int) -> None:
    """Starts the first workload's sidecar, Istio's agent and its Envoy, and keeps what Envoy shows, with marks for what is a Pod's own."""
    pod, at, account, address, token = (kube.folder / "clients.tsv").read_text().splitlines()[0].split("\t")
    home = kube.folder / "agent"
    for path, text in {"var/run/secrets/tokens/istio-token": token, "etc/istio/pod/labels": f'app="{account}"\n',
                       "var/run/secrets/istio/root-cert.pem": (kube.folder / "cacerts/root-cert.pem").read_text(),
                       "var/lib/istio/envoy/envoy_bootstrap_tmpl.json": (PEERS / "envoy_bootstrap_tmpl.json").read_text(), "etc/istio/proxy/.keep": ""}.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text)
    proxy = {"discoveryAddress": "127.0.0.1:15012", "binaryPath": str(PEERS / "envoy"), "terminationDrainDuration": "0s"}
    agent = Peer("pilot-agent", [PEERS / "pilot-agent", "proxy", "sidecar", "--domain", f"{at}.svc.cluster.local", "--concurrency", "1"], home, {
        "PATH": os.environ["PATH"], "INSTANCE_IP": address, "POD_NAME": pod, "POD_NAMESPACE": at, "SERVICE_ACCOUNT": account, "TRUST_DOMAIN": "cluster.local",
        "ISTIOD_SAN": f"istiod.{ROOT_NAMESPACE}.svc", "ISTIO_META_CLUSTER_ID": "Kubernetes", "ISTIO_META_MESH_ID": "cluster.local",
        "ISTIO_META_INTERCEPTION_MODE": "REDIRECT", "ISTIO_META_WORKLOAD_NAME": account, "PROXY_CONFIG": json.dumps(proxy)})
    try:
        until("Envoy has its configuration", lambda: agent.alive() or f"{name(workloads - 1)}.{space(workloads - 1)}.svc" in fetched("http://127.0.0.1:15000/config_dump"))
        until("Envoy is ready", lambda: fetched("http://127.0.0.1:15000/ready").startswith("LIVE"))
        pages = kube.folder / "pages/15000"
        (pages / "stats").mkdir(parents=True)
        own = {"@NAME@": pod, "@NAMESPACE@": at, "@ACCOUNT@": account, "@ADDRESS@": address}
        (pages / "config_dump").write_text(marked_dump(json.loads(fetched("http://127.0.0.1:15000/config_dump?include_eds")), own))
        (pages / "certs").write_text(marked_certificates(json.loads(fetched("http://127.0.0.1:15000/certs"))))
        (pages / "stats/prometheus").write_text(fetched("http://127.0.0.1:15000/stats/prometheus?usedonly") + traffic(workloads))
    finally:
        agent.stop()
        for left in (home, ):
            shutil.copy(left / "pilot-agent.log", kube.folder / "logs/istio-proxy")


def marked_dump(dump: dict, own: dict[str, str]) -> str:
    for config in dump["configs"]:
        if "bootstrap" in config:
            node = config["bootstrap"]["node"]
            text = json.dumps(node)
            for mark, value in own.items():
                text = text.replace(f'"{value}"', f'"{mark}"').replace(f"~{value}~", f"~{mark}~")
            text = text.replace(f'{own["@NAME@"]}.{own["@NAMESPACE@"]}~', "@NAME@.@NAMESPACE@~")
            config["bootstrap"]["node"] = json.loads(text)
        for secret in config.get("dynamic_active_secrets", []):
            if secret["name"] == "default":
                secret["secret"]["tls_certificate"]["certificate_chain"]["inline_bytes"] = "@CHAIN@"
    text = json.dumps(dump, indent=1)
    return text.replace(f'ns[{own["@NAMESPACE@"]}]-policy[{own["@ACCOUNT@"]}]', "ns[@NAMESPACE@]-policy[@ACCOUNT@]")


def marked_certificates(page: dict) -> str:
    for certificate in page["certificates"]:
        for leaf in certificate.get("cert_chain", [])[:1]:
            leaf |= {"serial_number": "@SERIAL@", "subject_alt_names": [{"uri": "@SPIFFE@"}], "valid_from": "@FROM@", "expiration_time": "@UNTIL@"}
    return json.dumps(page, indent=1)


def traffic(workloads: int) -> str:
    """Requests of three callers, as Istio's telemetry counts them; the recorded sidecar had none."""
    return "".join(
        f'istio_requests_total{{reporter="destination",source_workload="{name(n)}",source_workload_namespace="{space(n)}",source_principal='
        f'"spiffe://cluster.local/ns/{space(n)}/sa/{name(n)}",destination_workload="@ACCOUNT@",destination_workload_namespace="@NAMESPACE@",'
        f'request_protocol="http",response_code="200",response_flags="-",connection_security_policy="mutual_tls"}} {n + 1}\n' for n in range(min(3, workloads)))
