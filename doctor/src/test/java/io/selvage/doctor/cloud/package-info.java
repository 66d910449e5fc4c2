@NullMarked
package io.selvage.doctor.cloud;

import org.jspecify.annotations.NullMarked;
