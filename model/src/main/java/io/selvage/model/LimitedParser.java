package io.selvage.model;

import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.parser.Parser;

/**
 * A YAML parser that gives up on documents nested so deeply that a recursive reader would run out
 * of stack.
 */
final class LimitedParser implements Parser {

  /** Far beyond any resource, far below the stack of a small thread. */
  static final int MAX_DEPTH = 64;

  private final Parser parser;
  private int depth;

  LimitedParser(Parser parser) {
    this.parser = parser;
  }

  @Override
  public boolean checkEvent(Event.ID choice) {
    return parser.checkEvent(choice);
  }

  @Override
  public Event peekEvent() {
    return parser.peekEvent();
  }

  @Override
  public boolean hasNext() {
    return parser.hasNext();
  }

  @Override
  public Event next() {
    Event event = parser.next();
    if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
      int line = event.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw new LimitExceeded(line, "nested more than " + MAX_DEPTH + " levels deep");
    }
    if (event instanceof CollectionEndEvent) {
      depth--;
    }
    return event;
  }

  /** The text is beyond what is read. */
  static final class LimitExceeded extends RuntimeException {
    private final int line;

    LimitExceeded(int line, String message) {
      super(message);
      this.line = line;
    }

    int line() {
      return line;
    }
  }
}
