/**
 * How a workload gets what it proves its identity with: {@link
 * io.selvage.proxy.identity.WorkloadIdentity} keeps the certificate fresh and the roots complete.
 */
@NullMarked
package io.selvage.proxy.identity;

import org.jspecify.annotations.NullMarked;
