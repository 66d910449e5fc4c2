package io.selvage.it.kubernetes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an API server writes down of what one user asked it to do. */
final class AuditLog {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path policy;
  private final Path log;

  /** Of that user, kept in that folder. */
  AuditLog(Path folder, String user) throws IOException {
    this.policy = Files.createDirectories(folder).resolve("audit-policy.yaml").toAbsolutePath();
    this.log = folder.resolve("audit.log").toAbsolutePath();
    Files.writeString(
        policy,
        """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules:
          - {level: Metadata, users: ["%s"]}
          - {level: None}
        """
            .formatted(user));
  }

  /** Of kube-apiserver. */
  List<String> flags() {
    return List.of("--audit-policy-file=" + policy, "--audit-log-path=" + log);
  }

  private List<JsonNode> entries() throws IOException {
    return Files.readAllLines(log).stream().map(JSON::readTree).toList();
  }

  /** What was refused for want of a permission. */
  List<String> forbidden() throws IOException {
    return entries().stream()
        .filter(entry -> entry.path("responseStatus").path("code").asInt(0) == 403)
        .map(JsonNode::toString)
        .toList();
  }

  /** What was done, each as {@code verb group/resource}. */
  Set<String> done() throws IOException {
    return entries().stream()
        .filter(entry -> entry.has("objectRef"))
        .map(AuditLog::deed)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String deed(JsonNode entry) {
    JsonNode object = entry.path("objectRef");
    String sub = object.path("subresource").asString("");
    return deed(
        entry.path("verb").asString(),
        object.path("apiGroup").asString(""),
        object.path("resource").asString() + (sub.isEmpty() ? "" : "/" + sub));
  }

  /** As {@link #done} has it. */
  static String deed(String verb, String group, String resource) {
    return "%s %s/%s".formatted(verb, group, resource);
  }
}
