package io.selvage.doctor.kubernetes;

import io.selvage.control.kubernetes.access.Permission;
import io.selvage.doctor.collect.Parallel;
import io.selvage.doctor.evidence.AccessAnswer;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.mesh.Rbac;
import io.selvage.doctor.mesh.ShippedRights;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Asks the authorizers whether each control plane may do what it needs. */
final class AccessCollector {
  private final ApiReader reader;
  private final Parallel parallel;

  AccessCollector(ApiReader reader, Parallel parallel) {
    this.reader = reader;
    this.parallel = parallel;
  }

  private record Question(String user, Rbac.Right right) {}

  /** The answers for every ServiceAccount that runs a control plane. */
  Look<List<AccessAnswer>> ask(Flavour flavour) {
    Set<String> users = new LinkedHashSet<>();
    for (Flavour.Revision revision : flavour.revisions()) {
      revision
          .serviceAccount()
          .ifPresent(
              account ->
                  users.add("system:serviceaccount:%s:%s".formatted(flavour.namespace(), account)));
    }
    if (users.isEmpty()) {
      return Look.unseen("no ServiceAccount of a control plane is known");
    }
    List<Question> questions = new ArrayList<>();
    for (String user : users) {
      needed(flavour).forEach(right -> questions.add(new Question(user, right)));
    }
    return ObjectCollector.all(parallel.each(questions, this::answer));
  }

  private static List<Rbac.Right> needed(Flavour flavour) {
    if (flavour.kind() != Flavour.Kind.SELVAGE) {
      return ShippedRights.of(flavour);
    }
    return Permission.needed(flavour.namespace()).stream()
        .flatMap(AccessCollector::rights)
        .toList();
  }

  private static Stream<Rbac.Right> rights(Permission permission) {
    return permission.verbs().stream()
        .map(
            verb ->
                new Rbac.Right(
                    verb,
                    permission.group(),
                    permission.resource(),
                    permission.namespace(),
                    permission.name()));
  }

  private Look<List<AccessAnswer>> answer(Question question) {
    Rbac.Right right = question.right();
    int slash = right.resource().indexOf('/');
    ObjectNode attributes = JsonNodeFactory.instance.objectNode();
    attributes.put("verb", right.verb());
    attributes.put("group", right.group());
    attributes.put("resource", slash < 0 ? right.resource() : right.resource().substring(0, slash));
    attributes.put("subresource", slash < 0 ? "" : right.resource().substring(slash + 1));
    attributes.put("namespace", right.namespace());
    attributes.put("name", right.name());
    return reader
        .review("SubjectAccessReview", attributes, Optional.of(question.user()))
        .map(
            status ->
                List.of(
                    new AccessAnswer(
                        question.user(),
                        right.verb(),
                        right.group(),
                        right.resource(),
                        right.namespace(),
                        right.name(),
                        status.path("allowed").asBoolean(false),
                        status.path("reason").asString(""))));
  }
}
