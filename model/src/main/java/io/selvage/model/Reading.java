package io.selvage.model;

import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * The reading of one resource: where its text comes from, how strictly it is taken, what was wrong.
 *
 * @param lineOffset lines of the source before the place that marks count from
 * @param lines whether the source has lines that a user could turn to
 * @param strict the security group: unknown fields and empty values are errors
 * @param refusal the code for what admission would refuse
 */
record Reading(
    String source,
    int lineOffset,
    boolean lines,
    boolean strict,
    String refusal,
    List<Problem> problems) {

  static Reading of(String source, int lineOffset, boolean lines, boolean strict, String refusal) {
    return new Reading(source, lineOffset, lines, strict, refusal, new ArrayList<>());
  }

  SourceLocation at(Node node) {
    if (!lines) {
      return new SourceLocation(source, 0, 0);
    }
    return node.getStartMark().map(this::at).orElse(new SourceLocation(source, lineOffset + 1, 0));
  }

  private SourceLocation at(Mark mark) {
    return new SourceLocation(source, lineOffset + mark.getLine() + 1, mark.getColumn() + 1);
  }

  void add(Problem problem) {
    problems.add(problem);
  }

  boolean failed() {
    return problems.stream().anyMatch(Problem::isError);
  }
}
