/** Whether there is somebody to ask, what may be asked, and what is there. By code. */
@NullMarked
package io.selvage.doctor.check.access;

import org.jspecify.annotations.NullMarked;
