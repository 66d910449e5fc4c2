/**
 * Which of several replicas does what only one may: {@link
 * io.selvage.control.kubernetes.lease.Leadership}.
 */
@NullMarked
package io.selvage.control.kubernetes.lease;

import org.jspecify.annotations.NullMarked;
