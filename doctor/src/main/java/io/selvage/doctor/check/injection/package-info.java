/**
 * The webhooks by which Pods get their sidecars, and whether they have them. Reading order: {@link
 * io.selvage.doctor.check.injection.WebhooksPresent}, {@link
 * io.selvage.doctor.check.injection.BundleVerdict} (what is wrong with a caBundle), {@link
 * io.selvage.doctor.check.injection.MissingProxies}.
 */
@NullMarked
package io.selvage.doctor.check.injection;

import org.jspecify.annotations.NullMarked;
