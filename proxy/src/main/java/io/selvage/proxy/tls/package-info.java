/**
 * TLS with the workload's current key material: {@link io.selvage.proxy.tls.KeyMaterial} holds it,
 * {@link io.selvage.proxy.tls.ServerTls} and {@link io.selvage.proxy.tls.ClientTls} turn it into
 * handlers, {@link io.selvage.proxy.tls.PeerCheck} says who the peer is, {@link
 * io.selvage.proxy.tls.TlsFailure} why there is none.
 */
@NullMarked
package io.selvage.proxy.tls;

import org.jspecify.annotations.NullMarked;
