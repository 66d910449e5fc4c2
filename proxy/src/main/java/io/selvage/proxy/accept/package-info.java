/**
 * From a TCP connection to a peer that is known: {@link io.selvage.proxy.accept.FirstBytes} (what
 * the connection speaks), {@link io.selvage.proxy.accept.ChainTable} (which filter chain is meant
 * for it), {@link io.selvage.proxy.accept.MatchedChain} and {@link
 * io.selvage.proxy.accept.VerifiedPeer} (the tokens that each step hands to the next).
 */
@NullMarked
package io.selvage.proxy.accept;

import org.jspecify.annotations.NullMarked;
