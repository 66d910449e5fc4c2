"""A mesh of many workloads as objects, and the pages that its Pods would show."""

import base64
import concurrent.futures
import json
import pathlib
import subprocess
import time

from kube import Kube, ROOT_NAMESPACE

SPACE = "shop"
DOMAIN = "cluster.local"
TYPE = "type.googleapis.com/envoy.admin.v3."


def openssl(folder: pathlib.Path, *line: str) -> None:
    subprocess.run(["openssl", *line], cwd=folder, check=True, capture_output=True)


def certificates(folder: pathlib.Path) -> tuple[str, str]:
    """PEM of a root, and of a leaf of the workloads' account with its chain."""
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", f"/O={DOMAIN}", "-keyout", "root.key", "-out", "root.pem")
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=kubelet", "-keyout", "pages-tls.key", "-out", "pages-tls.crt")
    (folder / "leaf.ext").write_text(f"subjectAltName=critical,URI:spiffe://{DOMAIN}/ns/{SPACE}/sa/{SPACE}\nextendedKeyUsage=serverAuth,clientAuth\n")
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/", "-keyout", "leaf.key", "-out", "leaf.csr")
    openssl(folder, "x509", "-req", "-in", "leaf.csr", "-CA", "root.pem", "-CAkey", "root.key", "-days", "1", "-extfile", "leaf.ext", "-out", "leaf.pem")
    return (folder / "root.pem").read_text(), (folder / "leaf.pem").read_text()


def pages(folder: pathlib.Path, workloads: int) -> None:
    root, leaf = certificates(folder)
    at = folder / "pages"
    for port in (15000, 15014):
        (at / str(port)).mkdir(parents=True)
    (at / "log").write_text("".join(f"2026-01-01T00:00:{i % 60:02d}.000000000Z 2026-01-01T00:00:00Z\tinfo\tnothing {i}\n" for i in range(200)))
    (at / "15014/metrics").write_text('istio_build{component="pilot",tag="1.28.1"} 1\n' + "".join(f'pilot_xds_pushes{{type="t{i}"}} {i}\n' for i in range(300)))
    (at / "15014/debug").mkdir()
    (at / "15014/debug/syncz").write_text(json.dumps([
        {"proxy": f"{name(i)}.{SPACE}", **{f"{kind}_{what}": "v1" for kind in ("cluster", "listener", "route", "endpoint") for what in ("sent", "acked")}}
        for i in range(workloads)]))
    now = time.time()
    (at / "15000/certs").write_text(json.dumps({"certificates": [{
        "ca_cert": [{"path": "<inline>", "serial_number": "1", "valid_from": iso(now - 60), "expiration_time": iso(now + 86400 * 3650)}],
        "cert_chain": [{"path": "<inline>", "serial_number": "2", "valid_from": iso(now - 60), "expiration_time": iso(now + 86400),
                        "subject_alt_names": [{"uri": f"spiffe://{DOMAIN}/ns/{SPACE}/sa/{SPACE}"}]}]}]}))
    (at / "15000/config_dump").write_text(json.dumps(dump(root, leaf, workloads)))
    (at / "15000/stats").mkdir()
    (at / "15000/stats/prometheus").write_text("envoy_control_plane_connected_state{} 1\n" + "".join(
        f'istio_requests_total{{reporter="destination",source_workload="{name(i)}",source_workload_namespace="{SPACE}",'
        f'connection_security_policy="mutual_tls",response_code="200"}} {i}\n' for i in range(workloads)))


def iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def dump(root: str, leaf: str, workloads: int) -> dict:
    def inline(text: str) -> dict:
        return {"inline_bytes": base64.b64encode(text.encode()).decode()}
    clusters = [{"version_info": "1", "last_updated": iso(time.time()), "cluster": {
        "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", "name": f"outbound|8000||{name(i)}.{SPACE}.svc.{DOMAIN}", "type": "EDS",
        "eds_cluster_config": {"eds_config": {"ads": {}, "resource_api_version": "V3"}, "service_name": f"outbound|8000||{name(i)}.{SPACE}.svc.{DOMAIN}"},
        "connect_timeout": "10s", "lb_policy": "LEAST_REQUEST", "metadata": {"filter_metadata": {"istio": {"services": [{"name": name(i), "namespace": SPACE}]}}},
        "transport_socket_matches": [{"name": "tlsMode-istio", "match": {"tlsMode": "istio"}, "transport_socket": {
            "name": "envoy.transport_sockets.tls", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext", "sni": f"outbound_.8000_._.{name(i)}.{SPACE}.svc.{DOMAIN}",
                "common_tls_context": {"alpn_protocols": ["istio-peer-exchange", "istio"], "tls_certificate_sds_secret_configs": [{"name": "default"}]}}}}]}}
        for i in range(workloads)]
    routes = [{"version_info": "1", "route_config": {"name": "8000", "virtual_hosts": [
        {"name": f"{name(i)}.{SPACE}.svc.{DOMAIN}:8000", "domains": [f"{name(i)}.{SPACE}", name(i), f"{name(i)}.{SPACE}.svc.{DOMAIN}"],
         "routes": [{"match": {"prefix": "/"}, "route": {"cluster": f"outbound|8000||{name(i)}.{SPACE}.svc.{DOMAIN}", "timeout": "0s"}}]} for i in range(workloads)]}}]
    return {"configs": [
        {"@type": TYPE + "BootstrapConfigDump", "bootstrap": {"node": {"id": "sidecar", "metadata": {"ISTIO_VERSION": "1.28.1", "PROXY_CONFIG": {
            "discoveryAddress": f"istiod.{ROOT_NAMESPACE}.svc:15012"}}}}},
        {"@type": TYPE + "ClustersConfigDump", "version_info": "1", "dynamic_active_clusters": clusters},
        {"@type": TYPE + "RoutesConfigDump", "dynamic_route_configs": routes},
        {"@type": TYPE + "SecretsConfigDump", "dynamic_active_secrets": [
            {"name": "default", "version_info": "1", "last_updated": iso(time.time()), "secret": {"name": "default", "tls_certificate": {"certificate_chain": inline(leaf + root)}}},
            {"name": "ROOTCA", "version_info": "1", "last_updated": iso(time.time()), "secret": {"name": "ROOTCA", "validation_context": {"trusted_ca": inline(root)}}}]}]}


def name(i: int) -> str:
    return f"svc-{i:03d}"


def fill(kube: Kube, workloads: int, port: int) -> None:
    for space in (ROOT_NAMESPACE, SPACE):
        kube.call("POST", "/api/v1/namespaces", {"metadata": {"name": space, "labels": {"istio-injection": "enabled"} if space == SPACE else {}}})
    kube.call("POST", "/api/v1/nodes", {"metadata": {"name": "node"}})
    kube.call("PATCH", "/api/v1/nodes/node/status", {"status": {"addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
                                                                "daemonEndpoints": {"kubeletEndpoint": {"Port": port}}}}, kind="application/merge-patch+json")
    for space, account in ((ROOT_NAMESPACE, "istiod"), (SPACE, SPACE)):
        kube.call("POST", f"/api/v1/namespaces/{space}/serviceaccounts", {"metadata": {"name": account}})
    workload(kube, ROOT_NAMESPACE, "istiod", "istiod", "discovery", [15012, 15017], 0)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: workload(kube, SPACE, name(i), SPACE, "istio-proxy", [8000], i + 1), range(workloads)))


def workload(kube: Kube, space: str, app: str, account: str, container: str, ports: list[int], i: int) -> None:
    labels = {"app": app, "service.istio.io/canonical-name": app}
    if container == "discovery":
        labels["istio.io/rev"] = "default"
    containers = [{"name": container, "image": "istio/pilot:1.28.1" if container == "discovery" else "istio/proxyv2:1.28.1", "args": ["proxy", "sidecar"]}]
    if container != "discovery":
        containers.insert(0, {"name": "app", "image": "example/app:1", "ports": [{"name": "http", "containerPort": 8000}]})
    template = {"metadata": {"labels": labels}, "spec": {"serviceAccountName": account, "containers": containers}}
    kube.call("POST", f"/apis/apps/v1/namespaces/{space}/deployments", {"metadata": {"name": app, "labels": labels}, "spec": {
        "replicas": 1, "selector": {"matchLabels": {"app": app}}, "template": template}})
    kube.call("PATCH", f"/apis/apps/v1/namespaces/{space}/deployments/{app}/status",
              {"status": {"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "observedGeneration": 1}}, kind="application/merge-patch+json")
    kube.call("POST", f"/api/v1/namespaces/{space}/services", {"metadata": {"name": app, "labels": labels}, "spec": {
        "selector": {"app": app}, "ports": [{"name": f"http-{p}" if p == 8000 else f"https-{p}", "port": p, "targetPort": p} for p in ports]}})
    pod = f"{app}"
    kube.call("POST", f"/api/v1/namespaces/{space}/pods", {"metadata": {"name": pod, "labels": labels}, "spec": {
        **template["spec"], "nodeName": "node", "automountServiceAccountToken": False}})
    address = f"10.1.{i // 250}.{i % 250 + 1}"
    kube.call("PATCH", f"/api/v1/namespaces/{space}/pods/{pod}/status", {"status": {
        "phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "hostIP": "127.0.0.1", "startTime": iso(time.time() - 3600),
        "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [{"name": one["name"], "image": one["image"], "imageID": "", "ready": True, "restartCount": 0,
                               "state": {"running": {"startedAt": iso(time.time() - 3600)}}} for one in containers]}}, kind="application/merge-patch+json")
