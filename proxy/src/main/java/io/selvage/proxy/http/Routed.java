package io.selvage.proxy.http;

/** Where routing leads: to an upstream, or to an answer from here. */
sealed interface Routed permits Upstream, LocalReply {}
