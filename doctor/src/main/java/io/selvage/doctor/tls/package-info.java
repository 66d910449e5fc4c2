/** TLS as a stranger sees it: {@link io.selvage.doctor.tls.TlsGreeting}. */
@NullMarked
package io.selvage.doctor.tls;

import org.jspecify.annotations.NullMarked;
