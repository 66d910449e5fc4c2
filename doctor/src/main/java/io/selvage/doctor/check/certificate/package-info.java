/**
 * The CA, the roots and the workloads' certificates: from {@link
 * io.selvage.doctor.check.certificate.AuthorityInUse} (who signs) over the roots and chains to
 * {@link io.selvage.doctor.check.certificate.LeafIdentity} (who a workload says it is).
 */
@NullMarked
package io.selvage.doctor.check.certificate;

import org.jspecify.annotations.NullMarked;
