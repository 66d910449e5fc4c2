/** The checks, one class for each range of codes; each is a pure function of evidence. */
@NullMarked
package io.selvage.doctor.check;

import org.jspecify.annotations.NullMarked;
