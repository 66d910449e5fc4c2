/**
 * Asking somebody else whether a request may pass: Istio's CUSTOM policies, Envoy's {@code
 * ext_authz}. {@link io.selvage.proxy.extauthz.ExternalAuthorizers} finds the {@link
 * io.selvage.proxy.extauthz.Authorizer} of a provider; it is handed a {@link
 * io.selvage.proxy.extauthz.CheckInput} and gives a {@link io.selvage.proxy.extauthz.Verdict},
 * once. {@link io.selvage.proxy.extauthz.GrpcCheck} and {@link io.selvage.proxy.extauthz.HttpCheck}
 * are the two ways to ask, pure functions around a {@link
 * io.selvage.proxy.extauthz.CheckTransport}.
 */
@NullMarked
package io.selvage.proxy.extauthz;

import org.jspecify.annotations.NullMarked;
