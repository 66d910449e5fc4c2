/** Unchanged grpc-java, client and server, that has no proxy and is configured by our xDS. */
@NullMarked
package io.selvage.it.grpc;

import org.jspecify.annotations.NullMarked;
