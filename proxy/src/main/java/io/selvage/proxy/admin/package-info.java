/**
 * What a proxy process tells its operator: {@link io.selvage.proxy.admin.ProxyAdminServer} over
 * HTTP.
 */
@NullMarked
package io.selvage.proxy.admin;

import org.jspecify.annotations.NullMarked;
