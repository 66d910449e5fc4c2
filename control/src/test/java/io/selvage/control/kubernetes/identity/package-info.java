@NullMarked
package io.selvage.control.kubernetes.identity;

import org.jspecify.annotations.NullMarked;
