package io.selvage.doctor.fix;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * One change that was made, as it is noted for undoing it.
 *
 * @param context of the cluster
 * @param code of the check
 * @param what in the words that the user said yes to
 * @param restart whether Pods were made anew, of which nothing is undone
 * @param before the object as it was; empty when there was none
 * @param after as it was then; empty when it went, or it is not known whether the change was made
 */
public record FixStep(
    String context,
    String code,
    String what,
    boolean restart,
    Optional<ObjectNode> before,
    Optional<ObjectNode> after) {}
