@NullMarked
package io.selvage.control.kubernetes.access;

import org.jspecify.annotations.NullMarked;
