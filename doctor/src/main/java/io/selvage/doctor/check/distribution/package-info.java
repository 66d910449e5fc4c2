/** Checks of how configuration reaches proxies. */
@NullMarked
package io.selvage.doctor.check.distribution;

import org.jspecify.annotations.NullMarked;
