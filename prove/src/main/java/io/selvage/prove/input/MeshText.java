package io.selvage.prove.input;

import io.selvage.model.PodTemplate;
import io.selvage.model.PodTemplateReader;
import io.selvage.model.PolicyAssertions;
import io.selvage.model.PolicyAssertionsReader;
import io.selvage.model.Problem;
import io.selvage.model.ProblemCodes;
import io.selvage.model.ReadResult;
import io.selvage.model.Resource;
import io.selvage.model.ResourceReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads texts of configuration. Strict: a document that is refused is an error of the whole input,
 * since what it says would be missing from the proof. A text that was read before isn't read again.
 */
public final class MeshText {
  private static final String NAMESPACE = "default";

  private Map<SourceText, MeshInput> read = new HashMap<>();

  /** Reads the texts of one cluster, in their order. */
  public MeshInput read(List<SourceText> texts) {
    Map<SourceText, MeshInput> before = read;
    List<MeshInput> inputs =
        texts.parallelStream()
            .map(
                text -> {
                  MeshInput known = before.get(text);
                  return known == null ? one(text) : known;
                })
            .toList();
    Map<SourceText, MeshInput> now = HashMap.newHashMap(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      now.put(texts.get(i), inputs.get(i));
    }
    read = now;
    return joined(inputs);
  }

  private static MeshInput joined(List<MeshInput> inputs) {
    List<Resource> resources = new ArrayList<>();
    List<PodTemplate> templates = new ArrayList<>();
    List<PolicyAssertions> assertions = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    for (MeshInput input : inputs) {
      resources.addAll(input.resources());
      templates.addAll(input.templates());
      assertions.addAll(input.assertions());
      problems.addAll(input.problems());
    }
    return new MeshInput(resources, templates, assertions, problems);
  }

  private static MeshInput one(SourceText text) {
    ReadResult result = ResourceReader.read(text.source(), text.text(), NAMESPACE);
    List<Problem> problems = new ArrayList<>();
    boolean others = false;
    for (Problem problem : result.problems()) {
      if (problem.code().equals(ProblemCodes.KIND_IGNORED)) {
        others = true;
      } else {
        problems.add(problem);
      }
    }
    for (ReadResult.Refused refused : result.refused()) {
      if (problems.stream().noneMatch(p -> p.isError())) {
        problems.add(
            Problem.error(ProblemCodes.NOT_A_RESOURCE, refused.at(), "", "cannot be understood"));
      }
    }
    if (!others) {
      return new MeshInput(result.resources(), List.of(), List.of(), problems);
    }
    // A second look, for what configures nothing: workloads, and demands on the policies.
    var templates = PodTemplateReader.read(text.source(), text.text(), NAMESPACE);
    var assertions = PolicyAssertionsReader.read(text.source(), text.text());
    templates.problems().stream().filter(p -> !problems.contains(p)).forEach(problems::add);
    assertions.problems().stream().filter(p -> !problems.contains(p)).forEach(problems::add);
    return new MeshInput(result.resources(), templates.read(), assertions.read(), problems);
  }
}
