package io.selvage.control.workload;

import io.selvage.model.PortProtocol;
import io.selvage.xds.resource.Cluster.ServiceIdentity;

/**
 * A port of a workload that some service declares.
 *
 * @param number the workload's own port, 1..65535
 * @param protocol what the first service that declares it says
 * @param service that service, for telemetry
 */
public record InboundPort(int number, PortProtocol protocol, ServiceIdentity service) {}
