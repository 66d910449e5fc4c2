/**
 * Configuration from a file instead of a control plane: {@link
 * io.selvage.xds.bootstrap.StaticBootstrap} reads the same bootstrap that an Envoy would be started
 * with.
 */
@NullMarked
package io.selvage.xds.bootstrap;

import org.jspecify.annotations.NullMarked;
