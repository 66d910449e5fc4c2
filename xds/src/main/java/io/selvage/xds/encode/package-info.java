/**
 * Records to protos, so that an unchanged Envoy takes them.
 *
 * <p>{@link io.selvage.xds.encode.ResourceEncoder} is the way in; it hands each kind of resource to
 * the encoder of that name. The policy tree becomes RBAC in {@code RbacEncoder}, the stages of an
 * authorization become filters in {@code AuthorizationEncoder}. What a proto cannot say is refused
 * with {@link io.selvage.xds.encode.EncodingException}, never left out.
 */
@NullMarked
package io.selvage.xds.encode;

import org.jspecify.annotations.NullMarked;
