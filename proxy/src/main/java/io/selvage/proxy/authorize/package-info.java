/**
 * What may go on: {@link io.selvage.proxy.authorize.Admission} asks the policy, and only it makes a
 * {@link io.selvage.proxy.authorize.Permit}, without which nothing is forwarded.
 */
@NullMarked
package io.selvage.proxy.authorize;

import org.jspecify.annotations.NullMarked;
