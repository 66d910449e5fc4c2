/**
 * What stands beside a proxy that is not ours, as Istio's agent does: it makes the workload's key,
 * has it certified, hands both to the proxy by SDS, and passes ADS on. Start reading at {@link
 * io.selvage.cli.agent.Agent}.
 */
@NullMarked
package io.selvage.cli.agent;

import org.jspecify.annotations.NullMarked;
