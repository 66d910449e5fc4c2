/**
 * What the API server asks before it stores an object: {@link
 * io.selvage.control.kubernetes.webhook.AdmissionServer} takes its admission reviews, and an {@link
 * io.selvage.control.kubernetes.webhook.Admission} answers each; {@link
 * io.selvage.control.kubernetes.webhook.ValidationAdmission} is the one that refuses what the
 * reader refuses.
 */
@NullMarked
package io.selvage.control.kubernetes.webhook;

import org.jspecify.annotations.NullMarked;
