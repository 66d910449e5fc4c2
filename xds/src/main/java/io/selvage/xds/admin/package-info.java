/**
 * What both planes tell their operators, in Envoy's forms ({@code envoy.admin.v3}), so that Istio's
 * and Envoy's tools read it: {@link io.selvage.xds.admin.AdminEndpoint} answers over HTTP, {@link
 * io.selvage.xds.admin.ConfigDumpBuilder} lays resources out, {@link
 * io.selvage.xds.admin.EnvoyJson} writes them.
 */
@NullMarked
package io.selvage.xds.admin;

import org.jspecify.annotations.NullMarked;
