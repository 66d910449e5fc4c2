package io.selvage.doctor.evidence;

import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What was seen of one cluster, or of the mesh on one machine.
 *
 * @param context by which it was reached; {@code local} for this machine's mesh
 * @param server the API server's address
 * @param version what the API server says of itself ({@code /version})
 * @param reached whether it answers; all else is unseen when it does not
 * @param flavour which mesh this is
 * @param objects of its API
 * @param logs of the control plane's Pods, all replicas and revisions, since the time asked for
 * @param proxyLogs lines of proxies' logs that tell of TLS or authorization failures
 * @param metrics of the control plane's Pods
 * @param proxies those of workloads that were asked
 * @param handshakes that were made
 * @param probes that were sent; unseen without {@code --probe}
 * @param access rights of the control plane's ServiceAccounts, and of others where asked
 * @param issuer the API server's {@code /.well-known/openid-configuration}
 * @param tokenKeys the API server's {@code /openid/v1/jwks}
 * @param clocks against ours
 * @param cloud what a cloud provider says, read only; unseen without credentials. {@code project}
 *     and {@code projectNumber}; {@code iamPolicy} as {@code projects.getIamPolicy} answers; {@code
 *     services}: names of the APIs that are enabled; {@code mesh}: this cluster's {@code
 *     membershipStates} entry of the fleet's feature {@code servicemesh}; {@code nodePools}: of the
 *     cluster, as the Container API answers
 * @param taken when, by our clock: the "now" of every check of this cluster
 * @param since from when on logs were read
 */
public record ClusterEvidence(
    String context,
    String server,
    Look<JsonNode> version,
    Look<Boolean> reached,
    Look<Flavour> flavour,
    Objects objects,
    Look<List<LogLine>> logs,
    Look<List<LogLine>> proxyLogs,
    Look<List<Metric>> metrics,
    Look<List<ProxyView>> proxies,
    Look<List<Handshake>> handshakes,
    Look<List<ProbeOutcome>> probes,
    Look<List<AccessAnswer>> access,
    Look<JsonNode> issuer,
    Look<JsonNode> tokenKeys,
    Look<List<ClockReading>> clocks,
    Look<JsonNode> cloud,
    Instant taken,
    Instant since) {}
