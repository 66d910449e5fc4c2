package io.selvage.doctor.mesh;

import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Objects;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Kubernetes' RBAC over the roles and bindings that were read. It knows who was given a right by a
 * binding; what other authorizers of the API server give, nobody can tell from objects.
 */
public final class Rbac {
  private final Objects objects;

  private Rbac(Objects objects) {
    this.objects = objects;
  }

  /** The kinds that must have been seen for an answer to be worth something. */
  public static Kind[] kinds() {
    return new Kind[] {Kind.CLUSTER_ROLE, Kind.CLUSTER_ROLE_BINDING, Kind.ROLE, Kind.ROLE_BINDING};
  }

  /** Of a cluster. */
  public static Rbac of(ClusterEvidence cluster) {
    return new Rbac(cluster.objects());
  }

  /**
   * Something that may be done.
   *
   * @param verb such as {@code get}
   * @param group of the resource; empty for the core
   * @param resource the plural, with {@code /status} for that subresource
   * @param namespace empty: in all
   * @param name of the only object; empty: all
   */
  public record Right(String verb, String group, String resource, String namespace, String name) {
    /** As {@code kubectl auth can-i} takes it. */
    @Override
    public String toString() {
      return "%s %s%s%s"
          .formatted(
              verb,
              group.isEmpty() ? resource : resource + "." + group,
              name.isEmpty() ? "" : "/" + name,
              namespace.isEmpty() ? "" : " -n " + namespace);
    }
  }

  /**
   * Somebody who may do it.
   *
   * @param subject {@code User x}, {@code Group x} or {@code ServiceAccount ns/x}
   * @param binding by which
   */
  public record Grant(String subject, ObjectRef binding) {}

  /** Everybody who was given a right. */
  public List<Grant> whoCan(Right right) {
    List<Grant> found = new ArrayList<>();
    for (ApiObject binding : bindings(right.namespace())) {
      boolean gives = role(binding).stream().anyMatch(role -> allows(role, right));
      if (gives) {
        binding
            .at("/subjects")
            .valueStream()
            .forEach(subject -> found.add(new Grant(subject(subject, binding), binding.ref())));
      }
    }
    return found;
  }

  /** The bindings that name a ServiceAccount, or a group of all that it is in. */
  public List<ApiObject> bindingsOf(String namespace, String account) {
    List<String> names =
        List.of(
            "ServiceAccount " + namespace + "/" + account,
            "User system:serviceaccount:" + namespace + ":" + account,
            "Group system:serviceaccounts:" + namespace,
            "Group system:serviceaccounts",
            "Group system:authenticated");
    return Stream.of(Kind.CLUSTER_ROLE_BINDING, Kind.ROLE_BINDING)
        .flatMap(kind -> objects.all(kind).stream())
        .filter(
            binding ->
                binding
                    .at("/subjects")
                    .valueStream()
                    .anyMatch(subject -> names.contains(subject(subject, binding))))
        .toList();
  }

  /** The role that a binding refers to; empty when there is none of that name. */
  public Optional<ApiObject> role(ApiObject binding) {
    String name = binding.text("/roleRef/name");
    return binding.text("/roleRef/kind").equals("Role")
        ? objects.find(Kind.ROLE, binding.namespace(), name)
        : objects.find(Kind.CLUSTER_ROLE, "", name);
  }

  private List<ApiObject> bindings(String namespace) {
    return Stream.concat(
            objects.all(Kind.CLUSTER_ROLE_BINDING).stream(),
            objects.all(Kind.ROLE_BINDING).stream()
                .filter(binding -> binding.namespace().equals(namespace)))
        .toList();
  }

  private static String subject(JsonNode subject, ApiObject binding) {
    String kind = subject.path("kind").asString("");
    String name = subject.path("name").asString("");
    return kind.equals("ServiceAccount")
        ? kind + " " + subject.path("namespace").asString(binding.namespace()) + "/" + name
        : kind + " " + name;
  }

  /** Whether one of a role's rules gives a right. */
  public static boolean allows(ApiObject role, Right right) {
    return role.at("/rules").valueStream().anyMatch(rule -> gives(rule, right));
  }

  private static boolean gives(JsonNode rule, Right right) {
    return has(rule, "verbs", right.verb())
        && has(rule, "apiGroups", right.group())
        && has(rule, "resources", right.resource())
        && namesIt(rule, right);
  }

  /** A rule for objects by name gives no right to all. */
  private static boolean namesIt(JsonNode rule, Right right) {
    JsonNode names = rule.path("resourceNames");
    return names.isEmpty()
        || (!right.name().isEmpty()
            && names.valueStream().anyMatch(one -> one.asString("").equals(right.name())));
  }

  private static boolean has(JsonNode rule, String field, String value) {
    int slash = value.indexOf('/');
    return rule.path(field)
        .valueStream()
        .map(one -> one.asString(""))
        .anyMatch(
            one ->
                one.equals("*")
                    || one.equals(value)
                    || (slash > 0 && one.equals("*" + value.substring(slash))));
  }
}
