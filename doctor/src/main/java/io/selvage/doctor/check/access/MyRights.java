package io.selvage.doctor.check.access;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.mesh.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** SLV0002: whoever runs the doctor may read what it looks at. */
public final class MyRights {
  private static final List<String> OF_PODS =
      List.of(
          "get pods --subresource=log",
          "get pods --subresource=portforward", // by WebSocket, whose request is a GET
          "create pods --subresource=portforward");

  /** As {@code kubectl auth can-i} takes it. */
  private static final Pattern RIGHT =
      Pattern.compile("^(?<verb>\\S+) (?<resource>[^\\s-]\\S*)(?: --subresource=(?<below>\\S+))?");

  private MyRights() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        new CheckInfo(
            "SLV0002",
            "your own rights are enough to look at everything",
            Status.WARN,
            Set.of(Source.OBJECTS),
            FixClass.SAFE,
            List.of("R1", "R3", "R4", "R5", "R6", "R7", "R9", "R10"),
            Optional.empty()),
        MyRights::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!cluster.reached().found().orElse(false)) {
      results.unknown("the cluster was not reached, so nobody knows (SLV0001)");
      return;
    }
    if (cluster
        .flavour()
        .found()
        .map(Flavour::kind)
        .filter(Flavour.Kind.LOCAL::equals)
        .isPresent()) {
      results.skip("on one machine the mesh's own files are read");
      return;
    }
    Set<String> missing = new TreeSet<>();
    for (Look<?> look : looks(cluster)) {
      if (look instanceof Look.Unseen<?> unseen) {
        unseen.missing().ifPresent(missing::add);
      }
    }
    if (missing.isEmpty()) {
      results.pass("nothing was forbidden").seen("no call was answered 403", "all reads");
      return;
    }
    var said =
        results
            .warn("you may not: " + Shown.some(missing))
            .cause("your user lacks " + missing.size() + " rights in this cluster")
            .effect("the checks that need them say UNKNOWN; none of them is green")
            .next(
                "have an administrator apply the role of --fix=SLV0002, then: kubectl --context "
                    + cluster.context()
                    + " create clusterrolebinding selvage-doctor --clusterrole=selvage-doctor"
                    + " --user=YOU")
            .fix(
                new Fix.Apply(
                    "a ClusterRole selvage-doctor that may read what was missing; nobody is bound"
                        + " to it yet",
                    role(missing)));
    missing.forEach(right -> said.seen("missing: " + right, "kubectl auth can-i " + right));
  }

  private static List<Look<?>> looks(ClusterEvidence cluster) {
    List<Look<?>> all = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      all.add(cluster.objects().look(kind));
    }
    all.addAll(
        List.of(
            cluster.version(),
            cluster.flavour(),
            cluster.logs(),
            cluster.proxyLogs(),
            cluster.metrics(),
            cluster.proxies(),
            cluster.handshakes(),
            cluster.access(),
            cluster.issuer(),
            cluster.tokenKeys(),
            cluster.clocks()));
    cluster
        .proxies()
        .found()
        .ifPresent(
            proxies ->
                proxies.forEach(
                    proxy -> {
                      all.add(proxy.configDump());
                      all.add(proxy.certificates());
                    }));
    cluster
        .handshakes()
        .found()
        .ifPresent(made -> made.forEach(handshake -> all.add(handshake.outcome())));
    return all;
  }

  /**
   * The least that is missing, as a role; with what is asked for only once Pods are seen, so that
   * one round is enough.
   */
  private static ObjectNode role(Set<String> missing) {
    ObjectNode role = JsonNodeFactory.instance.objectNode();
    role.put("apiVersion", "rbac.authorization.k8s.io/v1").put("kind", "ClusterRole");
    role.putObject("metadata").put("name", "selvage-doctor");
    ArrayNode rules = role.putArray("rules");
    Map<String, Set<String>> verbs = new TreeMap<>();
    for (String right : Stream.concat(missing.stream(), OF_PODS.stream()).toList()) {
      Matcher words = RIGHT.matcher(right);
      if (words.find()) {
        String below = words.group("below") == null ? "" : "/" + words.group("below");
        verbs
            .computeIfAbsent(words.group("resource") + below, _ -> new TreeSet<>())
            .add(words.group("verb"));
      }
    }
    verbs.forEach((resource, may) -> rules.add(rule(resource, may)));
    return role;
  }

  /**
   * @param resource {@code PLURAL[.GROUP][/SUBRESOURCE]}, or a path of the API server
   */
  private static ObjectNode rule(String resource, Set<String> verbs) {
    if (resource.startsWith("/")) {
      ObjectNode path = JsonNodeFactory.instance.objectNode();
      path.putArray("nonResourceURLs").add(resource);
      ArrayNode may = path.putArray("verbs");
      verbs.forEach(may::add);
      return path;
    }
    int slash = resource.indexOf('/');
    String qualified = slash < 0 ? resource : resource.substring(0, slash);
    String below = slash < 0 ? "" : resource.substring(slash);
    int dot = qualified.indexOf('.');
    ObjectNode rule = JsonNodeFactory.instance.objectNode();
    rule.putArray("apiGroups").add(dot < 0 ? "" : qualified.substring(dot + 1));
    rule.putArray("resources").add((dot < 0 ? qualified : qualified.substring(0, dot)) + below);
    ArrayNode may = rule.putArray("verbs");
    verbs.forEach(may::add);
    return rule;
  }
}
