package io.selvage.policy;

import java.util.List;

/**
 * Istio's path template: literal segments, <code>{*}</code> (exactly one non-empty segment) and
 * <code>{**}</code> (zero or more segments; the last operator). Follows Envoy's {@code
 * UriTemplateMatchConfig}.
 *
 * @param text as written
 * @param segments the parts between slashes, in order
 */
public record PathTemplate(String text, List<Segment> segments) {
  /** One part of a template. */
  public sealed interface Segment {
    /** These characters, exactly. */
    record Literal(String text) implements Segment {}

    /** <code>{*}</code>. */
    record One() implements Segment {}

    /** <code>{**}</code>. */
    record Rest() implements Segment {}
  }
}
