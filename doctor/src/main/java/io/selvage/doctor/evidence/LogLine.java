package io.selvage.doctor.evidence;

import java.time.Instant;
import java.util.Optional;

/**
 * One line of a container's log.
 *
 * @param time when it was written, by the node's clock; empty when unknown
 */
public record LogLine(
    String namespace, String pod, String container, Optional<Instant> time, String text) {}
