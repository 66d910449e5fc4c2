/** What collectors of every kind of mesh share. */
@NullMarked
package io.selvage.doctor.collect;

import org.jspecify.annotations.NullMarked;
