/**
 * Names of the mesh's services, answered inside each workload's namespace: {@link
 * io.selvage.proxy.dns.NameTable} is what is known, {@link io.selvage.proxy.dns.MeshDnsServer}
 * answers from it.
 */
@NullMarked
package io.selvage.proxy.dns;

import org.jspecify.annotations.NullMarked;
