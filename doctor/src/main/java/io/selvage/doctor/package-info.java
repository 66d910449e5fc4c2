/**
 * What is wrong with a mesh, ours or anybody's Istio. Reading order: {@link
 * io.selvage.doctor.evidence.Evidence} (what was seen), {@link io.selvage.doctor.Check} (a pure
 * function of it), {@link io.selvage.doctor.Result} (what it says), {@link
 * io.selvage.doctor.Catalogue} (all of them).
 */
@NullMarked
package io.selvage.doctor;

import org.jspecify.annotations.NullMarked;
