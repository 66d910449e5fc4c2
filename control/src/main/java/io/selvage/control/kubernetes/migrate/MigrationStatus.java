package io.selvage.control.kubernetes.migrate;

import io.selvage.control.kubernetes.migrate.Survey.Change;
import io.selvage.control.kubernetes.migrate.Survey.Injection;
import io.selvage.control.kubernetes.migrate.Survey.Plane;
import io.selvage.control.kubernetes.migrate.Survey.Roots;
import io.selvage.control.kubernetes.migrate.Survey.Workload;
import io.selvage.pki.Fingerprint;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How far a migration is, in words: what people and programs read of a {@link Survey}.
 *
 * @param namespace of the control planes
 * @param istiods Istio's control plane, a line for each Pod
 * @param replicas ours, a line for each
 * @param ca the Secret from which both sign; empty: none
 * @param signs the root that signs, the beginning of its SHA-256 fingerprint
 * @param trusted all roots that are to be trusted
 * @param rootChange where a root change stands; empty: none is under way
 * @param lacking who does not hold the new root of a change, or may still be on the old one
 * @param namespaces those with workloads, or labels that ask for a sidecar
 * @param findings what is not as it should be
 * @param next what to do now
 */
public record MigrationStatus(
    String namespace,
    String trustDomain,
    List<String> trustDomainAliases,
    List<String> istiods,
    List<String> replicas,
    String ca,
    String signs,
    List<String> trusted,
    String rootChange,
    List<String> lacking,
    List<Row> namespaces,
    List<String> findings,
    List<String> next) {
  private static final int SHOWN = 12;

  /**
   * A namespace.
   *
   * @param labels those of injection
   * @param istio how many of its Pods have Istio's control plane
   * @param selvage how many have ours
   * @param roots which roots its Pods are given, and who keeps them
   */
  public record Row(String namespace, String labels, long istio, long selvage, String roots) {}

  /** In words. */
  public static MigrationStatus of(Survey survey) {
    var findings = new ArrayList<String>();
    var next = new ArrayList<String>();
    Optional<Survey.Ca> ca = survey.ca();
    List<Row> rows = rows(survey, findings, next);
    List<String> lacking = change(survey, next);
    planes(survey, findings, next);
    return new MigrationStatus(
        survey.namespace(),
        survey.mesh().trustDomain(),
        survey.mesh().aliases(),
        survey.istiods().stream()
            .map(pod -> "%s, revision %s".formatted(pod.name(), pod.revision()))
            .toList(),
        survey.replicas().entrySet().stream()
            .map(
                replica ->
                    "%s, signs by root %s, trusts %d"
                        .formatted(
                            replica.getKey(),
                            shown(replica.getValue().signs()),
                            replica.getValue().trusts().size()))
            .toList(),
        ca.map(Survey.Ca::secret).orElse(""),
        ca.map(found -> shown(found.signs())).orElse(""),
        ca.map(found -> found.roots().fingerprints().stream().map(MigrationStatus::shown).toList())
            .orElse(List.of()),
        survey.change().map(change -> phase(change, ca)).orElse(""),
        lacking,
        rows,
        findings,
        next);
  }

  private static String shown(String fingerprint) {
    return fingerprint.substring(0, Math.min(SHOWN, fingerprint.length()));
  }

  private static String phase(Change change, Optional<Survey.Ca> ca) {
    String to = shown(change.to());
    String from = shown(change.from());
    boolean switched = ca.filter(now -> now.signs().equals(change.to())).isPresent();
    return switched
        ? "root %s signs; %s is still trusted".formatted(to, from)
        : "root %s is trusted beside %s, which signs".formatted(to, from);
  }

  private static List<String> change(Survey survey, List<String> next) {
    if (survey.change().isEmpty()) {
      return List.of();
    }
    Change change = survey.change().get();
    boolean switched = survey.ca().filter(ca -> ca.signs().equals(change.to())).isPresent();
    Guards guards = new Guards(survey);
    List<String> lacking = switched ? guards.onRoot(change.to()) : guards.lackingRoot(change.to());
    if (lacking.isEmpty()) {
      next.add("selvage migrate root " + (switched ? "finish" : "switch"));
    }
    return lacking;
  }

  private static List<Row> rows(Survey survey, List<String> findings, List<String> next) {
    Set<String> all = new TreeSet<>(survey.namespaces().keySet());
    survey.workloads().forEach(pod -> all.add(pod.namespace()));
    Moves moves = new Moves(survey);
    List<Row> rows = new ArrayList<>();
    for (String namespace : all) {
      Injection asks =
          survey.namespaces().getOrDefault(namespace, new Injection("", Optional.empty()));
      long istio = survey.count(namespace, Plane.ISTIO);
      long selvage = survey.count(namespace, Plane.SELVAGE);
      rows.add(
          new Row(
              namespace,
              asks.labels().isEmpty() ? "none" : asks.labels(),
              istio,
              selvage,
              roots(survey, namespace)));
      if (asks.plane().isEmpty() && isContradiction(asks.labels())) {
        findings.add(
            "namespace %s has labels for both injectors: %s".formatted(namespace, asks.labels()));
      }
      if (isForNobody(survey, asks)) {
        findings.add(
            "namespace %s asks for an Istio of which no control plane runs (%s): its new Pods get no sidecar"
                .formatted(namespace, asks.labels()));
      }
      next.addAll(moves.finish(namespace));
    }
    return rows;
  }

  /** The label {@code istio-injection} is heard by whoever is installed; a revision is not. */
  private static boolean isForNobody(Survey survey, Injection asks) {
    return !survey.hasIstiod()
        && asks.plane().equals(Optional.of(Plane.ISTIO))
        && asks.labels().startsWith("istio.io/rev=");
  }

  private static boolean isContradiction(String labels) {
    boolean istios = labels.contains("istio-injection=enabled");
    boolean revision = labels.contains("istio.io/rev=");
    return (istios && labels.contains("selvage"))
        || (revision && labels.contains("selvage.io/injection=enabled"));
  }

  private static String roots(Survey survey, String namespace) {
    Roots given = survey.roots().get(namespace);
    if (given == null || given.bundle().isEmpty()) {
      return "none";
    }
    String which =
        String.join(
            ",",
            given.bundle().roots().stream()
                .map((X509Certificate root) -> shown(Fingerprint.sha256Hex(root)))
                .toList());
    return given.keeper().isEmpty() ? which : which + " by " + keeper(given.keeper());
  }

  /** The field managers of the two that keep them, and of people. */
  private static String keeper(String manager) {
    return manager.equals("pilot-discovery")
        ? "istiod"
        : manager.startsWith("fabric8") ? "Selvage" : manager;
  }

  private static void planes(Survey survey, List<String> findings, List<String> next) {
    Set<String> signing = new HashSet<>();
    survey.replicas().values().forEach(replica -> signing.add(replica.signs()));
    survey.ca().ifPresent(ca -> signing.add(ca.signs()));
    if (signing.size() > 1 && survey.change().isEmpty()) {
      findings.add(
          "the control planes do not sign by one root: "
              + signing.stream().map(MigrationStatus::shown).sorted().toList());
    }
    long gateways = survey.workloads().stream().filter(Workload::gateway).count();
    long onIstio =
        survey.workloads().stream().filter(pod -> pod.plane() == Plane.ISTIO).count() - gateways;
    if (survey.replicas().isEmpty()) {
      next.add("selvage install");
    } else if (survey.hasIstiod() && onIstio == 0) {
      next.add(
          gateways == 0
              ? "istiod has no workload any more; remove it when you are content"
              : "istiod has gateways alone (%d Pods), which need it and stay".formatted(gateways));
    } else if (onIstio > 0 && survey.change().isEmpty()) {
      next.addAll(new Moves(survey).begin());
    }
  }
}
