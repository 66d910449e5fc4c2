package io.selvage.control.workload;

import io.selvage.model.PortProtocol;

/**
 * A port of a workload that some service declares.
 *
 * @param number the workload's own port, 1..65535
 * @param protocol what the first service that declares it says
 */
public record InboundPort(int number, PortProtocol protocol) {}
