/**
 * Who asks for a certificate: an {@link io.selvage.ca.auth.AuthenticatorChain} of ways to know a
 * caller, each of which either names a SPIFFE ID or says why it cannot.
 */
@NullMarked
package io.selvage.ca.auth;

import org.jspecify.annotations.NullMarked;
