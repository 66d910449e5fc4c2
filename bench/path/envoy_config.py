"""Static Envoy v3 bootstraps of the two sidecars. Envoy runs them as they are, and Selvage's proxy reads the same files."""

import json
import pathlib

import certs

TYPE = "type.googleapis.com/"
HTTP_OPTIONS = TYPE + "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


def _secrets(folder: pathlib.Path, side: str) -> list:
    return [
        {"name": "default", "tls_certificate": {
            "certificate_chain": {"filename": str(folder / f"{side}.pem")},
            "private_key": {"filename": str(folder / f"{side}.key")}}},
        {"name": "ROOTCA", "validation_context": {"trusted_ca": {"filename": str(folder / "root.pem")}}},
    ]


def _common_tls(peer: str, alpn: list) -> dict:
    return {
        "tls_params": {"tls_minimum_protocol_version": "TLSv1_2", "tls_maximum_protocol_version": "TLSv1_3"},
        "tls_certificate_sds_secret_configs": [{"name": "default"}],
        "combined_validation_context": {
            "default_validation_context": {"match_typed_subject_alt_names": [
                {"san_type": "URI", "matcher": {"exact": peer}}]},
            "validation_context_sds_secret_config": {"name": "ROOTCA"}},
        "alpn_protocols": alpn,
    }


def _cluster(name: str, port: int, tls: dict | None) -> dict:
    cluster = {
        "name": name, "type": "STATIC", "connect_timeout": "5s", "lb_policy": "LEAST_REQUEST",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {
            "socket_address": {"address": "127.0.0.1", "port_value": port}}}}]}]},
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": HTTP_OPTIONS, "explicit_http_config": {"http_protocol_options": {}}}},
    }
    if tls:
        cluster["transport_socket"] = {"name": "envoy.transport_sockets.tls", "typed_config": {
            "@type": TYPE + "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext", **tls}}
    return cluster


def policies(count: int) -> dict:
    """`count` rules, all by principal, method and raw path prefix; the request matches the one that is looked at last."""
    rules = {}
    for i in range(count):
        last = i == count - 1
        principal = certs.CLIENT_ID if last else f"spiffe://{certs.TRUST_DOMAIN}/ns/team-{i % 50}/sa/app-{i % 3000}"
        prefix = "/" if last else f"/res{i}"
        rules[f"ns[sample]-policy[p{i:06d}]-rule[0]"] = {
            "permissions": [{"and_rules": {"rules": [
                {"or_rules": {"rules": [{"header": {"name": ":method", "string_match": {"exact": "GET"}}}]}},
                {"or_rules": {"rules": [{"url_path": {"path": {"prefix": prefix}}}]}}]}}],
            "principals": [{"and_ids": {"ids": [{"or_ids": {"ids": [
                {"authenticated": {"principal_name": {"exact": principal}}}]}}]}}],
        }
    return rules


def _manager(stat: str, filters: list, cluster: str, extra: dict) -> dict:
    return {"name": "envoy.filters.network.http_connection_manager", "typed_config": {
        "@type": TYPE + "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": stat, "normalize_path": True, "server_name": "istio-envoy",
        "route_config": {"name": stat, "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
            {"match": {"prefix": "/"}, "route": {"cluster": cluster, "timeout": "0s"}}]}]},
        "http_filters": filters + [{"name": "envoy.filters.http.router", "typed_config": {
            "@type": TYPE + "envoy.extensions.filters.http.router.v3.Router"}}],
        **extra}}


def _listener(name: str, port: int, direction: str, chain: dict) -> dict:
    return {"name": name, "traffic_direction": direction,
            "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}, "filter_chains": [chain]}


def _bootstrap(node: str, admin: int, listener: dict, cluster: dict, secrets: list) -> dict:
    return {"node": {"id": node, "cluster": node},
            "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": admin}}},
            "static_resources": {"listeners": [listener], "clusters": [cluster], "secrets": secrets}}


def write(folder: pathlib.Path, ports: dict, rule_count: int) -> tuple[pathlib.Path, pathlib.Path]:
    """Writes client.json and server.json; ports: client, server, backend, client_admin, server_admin."""
    rbac = {"name": "envoy.filters.http.rbac", "typed_config": {
        "@type": TYPE + "envoy.extensions.filters.http.rbac.v3.RBAC",
        "rules": {"action": "ALLOW", "policies": policies(rule_count)}}}
    server_tls = {"name": "envoy.transport_sockets.tls", "typed_config": {
        "@type": TYPE + "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        "require_client_certificate": True,
        "common_tls_context": _common_tls(certs.CLIENT_ID, ["istio", "http/1.1"])}}
    server = _bootstrap(
        "server", ports["server_admin"],
        _listener("inbound", ports["server"], "INBOUND", {
            "transport_socket": server_tls,
            "filters": [_manager("inbound", [rbac], "inbound|8000||", {
                "forward_client_cert_details": "APPEND_FORWARD",
                "set_current_client_cert_details": {"subject": True, "dns": True, "uri": True}})]}),
        _cluster("inbound|8000||", ports["backend"], None), _secrets(folder, "server"))
    upstream_tls = {"sni": "outbound_.8000_._.httpbin.sample.svc.cluster.local",
                    "common_tls_context": _common_tls(certs.SERVER_ID, ["istio", "http/1.1"])}
    client = _bootstrap(
        "client", ports["client_admin"],
        _listener("outbound", ports["client"], "OUTBOUND", {
            "filters": [_manager("outbound", [], "outbound|8000||httpbin.sample.svc.cluster.local", {})]}),
        _cluster("outbound|8000||httpbin.sample.svc.cluster.local", ports["server"], upstream_tls),
        _secrets(folder, "client"))
    paths = folder / f"client-{rule_count}.json", folder / f"server-{rule_count}.json"
    for path, content in zip(paths, (client, server)):
        path.write_text(json.dumps(content))
    return paths
