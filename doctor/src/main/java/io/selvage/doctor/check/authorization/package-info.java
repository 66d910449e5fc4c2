/** Checks of authorization: by probes, by what policies say, by what proxies have and tell. */
@NullMarked
package io.selvage.doctor.check.authorization;

import org.jspecify.annotations.NullMarked;
