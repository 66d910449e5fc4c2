/** Tests of {@code io.selvage.control.workload}. */
@NullMarked
package io.selvage.control.workload;

import org.jspecify.annotations.NullMarked;
