/** What workloads speak to each other, through both proxies, with real clients and servers. */
@NullMarked
package io.selvage.it.protocol;

import org.jspecify.annotations.NullMarked;
