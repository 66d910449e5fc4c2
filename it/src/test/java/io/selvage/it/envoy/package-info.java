/** Envoy, unchanged, at the other end of each contract: xDS, mutual TLS, the bootstrap file. */
@NullMarked
package io.selvage.it.envoy;

import org.jspecify.annotations.NullMarked;
