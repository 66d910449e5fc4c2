/**
 * The keys of token issuers: {@link io.selvage.control.jwks.JwksStore} knows what is held and when
 * to look again, {@link io.selvage.control.jwks.GuardedFetch} fetches, {@link
 * io.selvage.control.jwks.AddressRules} says from where it may, {@link
 * io.selvage.control.jwks.UnusableKeys} stands in for what can't be had.
 */
@NullMarked
package io.selvage.control.jwks;

import org.jspecify.annotations.NullMarked;
