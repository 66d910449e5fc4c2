/** What is generated for proxies, by golden files and by properties. */
@NullMarked
package io.selvage.control.generate;

import org.jspecify.annotations.NullMarked;
