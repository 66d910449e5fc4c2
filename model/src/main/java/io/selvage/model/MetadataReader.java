package io.selvage.model;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code metadata}, and checks names as Kubernetes does. */
final class MetadataReader {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  private MetadataReader() {}

  static ObjectMeta read(Fields top, String defaultNamespace, boolean namespaced) {
    top.skip("apiVersion", "kind", "status");
    if (!top.has("metadata")) {
      top.error(ProblemCodes.MISSING_FIELD, "metadata", "is required");
    }
    Fields fields = top.objectOrNone("metadata");
    String name = top.has("metadata") ? fields.required("name") : "";
    checkName(fields, name);
    String namespace = namespaced ? fields.text("namespace", defaultNamespace) : "";
    if (namespaced && !isLabel(namespace)) {
      fields.error(
          ProblemCodes.BAD_VALUE,
          "namespace",
          "\"%s\" is not a namespace's name".formatted(namespace));
    }
    ObjectMeta meta =
        new ObjectMeta(
            name,
            namespace,
            fields.textMap("labels"),
            fields.textMap("annotations"),
            created(fields),
            top.at());
    fields.skip(
        "namespace",
        "uid",
        "resourceVersion",
        "generation",
        "managedFields",
        "ownerReferences",
        "finalizers",
        "generateName",
        "selfLink",
        "deletionTimestamp",
        "deletionGracePeriodSeconds");
    fields.finish();
    return meta;
  }

  private static void checkName(Fields fields, String name) {
    if (!name.isEmpty() && (name.length() > 253 || !SUBDOMAIN.matcher(name).matches())) {
      fields.error(
          ProblemCodes.BAD_VALUE,
          "name",
          "\"%s\" is not a name: small letters, digits, hyphens and dots".formatted(name));
    }
  }

  static boolean isLabel(String text) {
    return LABEL.matcher(text).matches();
  }

  /** {@code kubectl} prints {@code null} for what the server has not set. */
  private static Optional<Instant> created(Fields fields) {
    if (fields.isNull("creationTimestamp")) {
      return Optional.empty();
    }
    Optional<String> text = fields.text("creationTimestamp");
    try {
      return text.map(Instant::parse);
    } catch (DateTimeParseException e) {
      fields.error(
          ProblemCodes.BAD_VALUE,
          "creationTimestamp",
          "\"%s\" is not a time such as 2026-01-31T12:00:00Z".formatted(text.orElse("")));
      return Optional.empty();
    }
  }
}
