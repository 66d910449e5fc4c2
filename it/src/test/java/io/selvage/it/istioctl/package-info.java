/** An unchanged istioctl against our control plane and our proxy. */
@NullMarked
package io.selvage.it.istioctl;

import org.jspecify.annotations.NullMarked;
