/**
 * End-user tokens: Istio's RequestAuthentication as the data plane enforces it.
 *
 * <p>Read {@link io.selvage.proxy.jwt.JwtAuthentication} (what a request goes through), {@link
 * io.selvage.proxy.jwt.JwtOutcome} (how it can end), {@link io.selvage.proxy.jwt.TokenLocations}
 * (where tokens are looked for), then {@link io.selvage.proxy.jwt.JwtProvider} and {@link
 * io.selvage.proxy.jwt.KeySet} (when a token holds).
 */
@NullMarked
package io.selvage.proxy.jwt;

import org.jspecify.annotations.NullMarked;
