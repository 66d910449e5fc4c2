/**
 * Network namespaces as places where one process opens sockets: read {@link
 * io.selvage.proxy.netns.NetworkNamespace} first, then {@link
 * io.selvage.proxy.netns.NamespaceCalls} for the three system calls under it.
 */
@NullMarked
package io.selvage.proxy.netns;

import org.jspecify.annotations.NullMarked;
