/**
 * The proxy's end of xDS.
 *
 * <p>{@link io.selvage.xds.client.AdsClient} keeps a stream open and answers each response. What
 * came of each type is in a {@code TypeWorld}; {@code Assembly} makes one consistent {@link
 * io.selvage.xds.client.ProxyConfig} of it, and a {@link io.selvage.xds.client.ConfigListener}
 * takes that or says why not. While the control plane is away the last good configuration stays.
 */
@NullMarked
package io.selvage.xds.client;

import org.jspecify.annotations.NullMarked;
