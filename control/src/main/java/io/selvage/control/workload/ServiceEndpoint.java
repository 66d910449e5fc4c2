package io.selvage.control.workload;

import io.selvage.xds.resource.ClusterLoadAssignment;
import java.util.Map;

/**
 * Who answers on one port of one service.
 *
 * @param address literal IP, or a DNS name for a service with that resolution
 * @param port 1..65535
 * @param weight 1..
 * @param locality {@code region/zone/subzone}; empty when unknown
 * @param labels for the subsets of DestinationRules
 * @param namespace where its policies are
 * @param serviceAccount empty when it has no identity
 * @param mutualTls it takes mTLS with a mesh identity on this port
 * @param workload who it is, for telemetry
 */
public record ServiceEndpoint(
    String address,
    int port,
    int weight,
    String locality,
    Map<String, String> labels,
    String namespace,
    String serviceAccount,
    boolean mutualTls,
    ClusterLoadAssignment.Workload workload) {}
