/**
 * What the control plane must be allowed to do in a cluster: {@link
 * io.selvage.control.kubernetes.access.Permission} is the list, {@link
 * io.selvage.control.kubernetes.access.PermissionCheck} says what of it is missing and how it is
 * granted.
 */
@NullMarked
package io.selvage.control.kubernetes.access;

import org.jspecify.annotations.NullMarked;
