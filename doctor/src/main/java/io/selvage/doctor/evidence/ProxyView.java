package io.selvage.doctor.evidence;

import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * One workload's proxy, as it shows itself and as the control plane sees it.
 *
 * @param namespace of the workload
 * @param name of its Pod, or of the workload on one machine
 * @param configDump Envoy's {@code /config_dump} (type URLs as Envoy writes them), ours likewise
 * @param certificates Envoy's {@code /certs}
 * @param sync what the control plane says of it: one entry of istiod's {@code /debug/syncz}
 * @param stats lines of {@code /stats} that are asked for: names with counts or text
 */
public record ProxyView(
    String namespace,
    String name,
    Look<JsonNode> configDump,
    Look<JsonNode> certificates,
    Look<JsonNode> sync,
    Look<List<Metric>> stats) {}
