/**
 * A mesh over two networks, of which one reaches the other only through an east-west gateway:
 * {@link io.selvage.it.gateway.TwoNetworks} is that mesh, with our proxy and an Envoy in each role.
 */
@NullMarked
package io.selvage.it.gateway;

import org.jspecify.annotations.NullMarked;
