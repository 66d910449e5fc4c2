package io.selvage.proxy.extauthz;

import io.selvage.policy.ByteSlice;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HeaderLine;
import java.nio.charset.StandardCharsets;

/**
 * One change of one header ({@code envoy.config.core.v3.HeaderValueOption}).
 *
 * @param line name and value, known to be well-formed
 */
public record HeaderEdit(Action action, HeaderLine line) {
  /** What is done where the header is there, or is not. */
  public enum Action {
    /** Takes the place of what is there. */
    SET,
    /** One more line. */
    ADD,
    /** Joined by a comma to what is there; nothing, when nothing is. */
    JOIN,
    ADD_IF_ABSENT,
    SET_IF_PRESENT
  }

  static HeaderEdit set(HeaderLine line) {
    return new HeaderEdit(Action.SET, line);
  }

  void applyTo(HeadBuffer head) {
    boolean present = head.header(line.name(), 0) != null;
    switch (action) {
      case SET -> head.set(line);
      case ADD -> head.append(line);
      case JOIN -> join(head);
      case ADD_IF_ABSENT -> {
        if (!present) {
          head.append(line);
        }
      }
      case SET_IF_PRESENT -> {
        if (present) {
          head.set(line);
        }
      }
    }
  }

  private void join(HeadBuffer head) {
    for (int i = 0; i < head.fieldCount(); i++) {
      if (!head.isRemoved(i) && head.name(i).toString().equals(line.name())) {
        ByteSlice before = head.value(i);
        byte[] more = ("," + line.value()).getBytes(StandardCharsets.UTF_8);
        byte[] joined = new byte[before.length() + more.length];
        System.arraycopy(before.array(), before.start(), joined, 0, before.length());
        System.arraycopy(more, 0, joined, before.length(), more.length);
        head.setValue(i, joined, 0, joined.length);
        return;
      }
    }
  }
}
