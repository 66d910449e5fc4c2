package io.selvage.model;

import java.util.List;

/**
 * What was found in a text: the good resources, and why others are not among them.
 *
 * @param refused the documents that are not good; a source keeps the last good version of each, and
 *     where there is none a policy must be treated as denying
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

  /**
   * The identity of a resource that was refused.
   *
   * @param kind empty when the document does not say
   * @param namespace empty when it cannot be told, or the kind has none
   * @param name empty when the document could not be understood so far: any of the source's earlier
   *     resources may be the one that is meant, so all of them stay
   */
  public record Refused(String kind, String namespace, String name, SourceLocation at) {}
}
