@NullMarked
package io.selvage.control.kubernetes.webhook;

import org.jspecify.annotations.NullMarked;
