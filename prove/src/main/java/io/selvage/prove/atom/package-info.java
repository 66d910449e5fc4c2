/**
 * One field of a request, cut into atoms: sets of values that every matcher treats alike, each with
 * a value to show.
 *
 * <p>Reading order: {@link io.selvage.prove.atom.TextPattern} (a matcher on text as sequences of
 * character sets), {@link io.selvage.prove.atom.TextDomain} (which texts a request can have),
 * {@link io.selvage.prove.atom.PatternTrie} (all patterns at once), {@link
 * io.selvage.prove.atom.TextAtomizer} and {@link io.selvage.prove.atom.HeaderAtomizer} (what is
 * reachable), {@link io.selvage.prove.atom.AddressAtoms}; {@link io.selvage.prove.atom.Atomizer} is
 * the door.
 */
@NullMarked
package io.selvage.prove.atom;

import org.jspecify.annotations.NullMarked;
