package io.selvage.model;

import java.util.List;

/**
 * What was found in a text: the good resources, and why others are not among them.
 *
 * @param refused the resources that were named clearly enough to be recognised and are not good; a
 *     source keeps the last good one of each, and where there is none must treat a policy as
 *     denying
 */
public record ReadResult(List<Resource> resources, List<Refused> refused, List<Problem> problems) {

  public ReadResult {
    resources = List.copyOf(resources);
    refused = List.copyOf(refused);
    problems = List.copyOf(problems);
  }

  public boolean hasErrors() {
    return problems.stream().anyMatch(Problem::isError);
  }

  /** The identity of a resource that was refused. */
  public record Refused(String kind, String namespace, String name, SourceLocation at) {}
}
