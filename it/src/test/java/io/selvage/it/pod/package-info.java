/** What of an injected Pod can be tried without Kubernetes: its network namespace. */
@NullMarked
package io.selvage.it.pod;

import org.jspecify.annotations.NullMarked;
