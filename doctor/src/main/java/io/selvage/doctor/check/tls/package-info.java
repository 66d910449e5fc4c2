/** Checks of TLS on the wire: by probes, by what is declared, by what proxies have and tell. */
@NullMarked
package io.selvage.doctor.check.tls;

import org.jspecify.annotations.NullMarked;
