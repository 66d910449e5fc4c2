/**
 * Evidence in a file, to be looked at later and elsewhere. Reading order: {@link
 * io.selvage.doctor.bundle.Bundle} (the file), {@link io.selvage.doctor.bundle.EvidenceJson} (what
 * is in it), {@link io.selvage.doctor.bundle.SecretGuard} (what is never in it).
 */
@NullMarked
package io.selvage.doctor.bundle;

import org.jspecify.annotations.NullMarked;
