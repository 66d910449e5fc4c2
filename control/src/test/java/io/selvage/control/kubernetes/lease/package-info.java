@NullMarked
package io.selvage.control.kubernetes.lease;

import org.jspecify.annotations.NullMarked;
