@NullMarked
package io.selvage.control.kubernetes.source;

import org.jspecify.annotations.NullMarked;
