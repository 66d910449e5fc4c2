/**
 * One conversation in depth: from the caller's Pod to the answer, hop by hop. Reading order: {@link
 * io.selvage.doctor.conversation.Walk} (all hops), {@link io.selvage.doctor.conversation.Hop}
 * (one).
 */
@NullMarked
package io.selvage.doctor.conversation;

import org.jspecify.annotations.NullMarked;
