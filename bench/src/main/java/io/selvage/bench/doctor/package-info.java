/** What a doctor of a large cluster is measured on. */
@NullMarked
package io.selvage.bench.doctor;

import org.jspecify.annotations.NullMarked;
