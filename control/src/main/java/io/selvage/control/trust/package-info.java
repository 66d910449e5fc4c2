/**
 * Whom the mesh trusts: the roots of all its clusters, in {@link
 * io.selvage.control.trust.TrustBundles}.
 */
@NullMarked
package io.selvage.control.trust;

import org.jspecify.annotations.NullMarked;
