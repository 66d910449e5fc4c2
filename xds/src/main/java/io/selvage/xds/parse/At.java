package io.selvage.xds.parse;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.selvage.xds.EnvoyNames;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A place in a resource, which takes the problems that are found there. */
final class At {
  private static final int LONGEST_QUOTE = 160;

  private final BiConsumer<String, String> problems;
  private final @Nullable At parent;
  private final String step;

  private At(BiConsumer<String, String> problems, @Nullable At parent, String step) {
    this.problems = problems;
    this.parent = parent;
    this.step = step;
  }

  /** The resource itself; {@code problems} takes path and reason. */
  static At root(BiConsumer<String, String> problems) {
    return new At(problems, null, "");
  }

  At field(String name) {
    return new At(problems, this, name);
  }

  At item(String field, int index) {
    return new At(problems, this, field + "[" + index + "]");
  }

  At entry(String field, String key) {
    return new At(problems, this, field + "[" + quote(key) + "]");
  }

  void refuse(String reason) {
    problems.accept(path(), reason);
  }

  String path() {
    if (parent == null) {
      return step;
    }
    String before = parent.path();
    return before.isEmpty() ? step : before + "." + step;
  }

  /**
   * Reads a message that must be of {@code like}'s type and holds it against what is understood; a
   * stand-in without any field when it can't be read.
   */
  <M extends Message> M unpack(Any any, M like) {
    String want = EnvoyNames.typeUrl(like.getDescriptorForType().getFullName());
    if (!any.getTypeUrl().equals(want)) {
      refuse("is a " + quote(any.getTypeUrl()) + ", not a " + want);
      return like;
    }
    try {
      // A parser of M's own type makes nothing but Ms.
      @SuppressWarnings("unchecked")
      M message = (M) like.getParserForType().parseFrom(any.getValue());
      FieldCheck.check(message, this);
      return message;
    } catch (InvalidProtocolBufferException e) {
      refuse("is no well-formed " + like.getDescriptorForType().getName() + ": " + e.getMessage());
      return like;
    }
  }

  /** Text of unknown origin, fit for a log line. */
  static String quote(String text) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), LONGEST_QUOTE) + 2);
    for (int i = 0; i < text.length() && i < LONGEST_QUOTE; i++) {
      char c = text.charAt(i);
      out.append(c < ' ' || c == 0x7f || Character.isSurrogate(c) ? '?' : c);
    }
    return text.length() > LONGEST_QUOTE ? out.append('…').toString() : out.toString();
  }
}
