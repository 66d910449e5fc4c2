/** Quick measurements, run by hand: {@code java -cp … io.selvage.proxy.bench.CodecMeasurement}. */
@NullMarked
package io.selvage.proxy.bench;

import org.jspecify.annotations.NullMarked;
