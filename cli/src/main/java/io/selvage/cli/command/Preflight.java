package io.selvage.cli.command;

import io.selvage.control.kubernetes.install.Surroundings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is said of a cluster before anything is planned in it, and what stops the run there. */
final class Preflight {
  private Preflight() {}

  /** What was found, one line each. */
  static List<String> found(Surroundings found) {
    List<String> lines = new ArrayList<>();
    found.istiods().forEach(istiod -> lines.add("Istio's control plane " + istiod));
    if (!found.istioLabelsAreFree()) {
      lines.add(
          "an injector that acts on Istio's labels: %s; ours leaves those labels to it"
              .formatted(String.join(", ", found.injectors())));
    }
    lines.add(
        found
            .authority()
            .map(name -> "the CA in the Secret %s, which goes on signing".formatted(name))
            .orElse("no CA: one will be made"));
    found.installed().ifPresent(there -> lines.add("Selvage " + there.version() + " is installed"));
    return lines;
  }

  /**
   * What is asked for and does not come about, since somebody's configuration is there; or empty.
   */
  static Optional<String> otherTrustDomain(Surroundings found, Map<String, String> given) {
    String wanted = given.get("trustDomain");
    return found
        .settings()
        .map(Surroundings.Settings::trustDomain)
        .filter(there -> wanted != null && !wanted.equals(there))
        .map(
            there ->
                "the mesh's trust domain stays %s: ConfigMap istio says so, and --trust-domain is for"
                        .formatted(there)
                    + " a mesh that is new");
  }

  /** That policies of the control plane's namespace are not the mesh's; empty: they are. */
  static Optional<String> otherRoot(Surroundings found, String namespace) {
    return found
        .settings()
        .map(Surroundings.Settings::rootNamespace)
        .filter(root -> !root.equals(namespace))
        .map(
            root ->
                "policies for the whole mesh are those of namespace %s: rootNamespace in ConfigMap"
                        .formatted(root)
                    + " istio");
  }

  /**
   * Why nothing is installed beside settings that would be passed over; empty: there are none.
   *
   * @param kubectl as it is called for the cluster
   */
  static Optional<String> settingsOfRevision(Surroundings found, String namespace, String kubectl) {
    List<String> maps = found.ofRevisions();
    if (maps.isEmpty()) {
      return Optional.empty();
    }
    String in = kubectl + " -n " + namespace;
    StringBuilder text =
        new StringBuilder(
            "the mesh's settings are in %s, of a revision of Istio; Selvage reads ConfigMap istio"
                .formatted(String.join(" and ", maps)));
    text.append(maps.size() > 1 ? ": choose one" : ":");
    for (String map : maps) {
      text.append("%n  %s get configmap %s -o 'jsonpath={.data.mesh}' >mesh".formatted(in, map));
    }
    text.append("%n  %s create configmap istio --from-file=mesh".formatted(in));
    return Optional.of(text.toString());
  }

  /** Why there cannot be one more; empty: there is none elsewhere. */
  static Optional<String> elsewhere(Surroundings found) {
    return found
        .elsewhere()
        .map(
            where ->
                "a Selvage is installed in namespace %s, and a cluster has one: --namespace %s"
                    .formatted(where, where));
  }

  /** Why a cluster is too old; empty: it isn't. */
  static Optional<String> tooOld(Surroundings found) {
    return found.isNewEnough()
        ? Optional.empty()
        : Optional.of(
            "Kubernetes %s is too old: %s or later is needed"
                .formatted(found.kubernetes(), Surroundings.OLDEST));
  }

  /**
   * Why the version that is there is not to be changed to this one; empty: it may.
   *
   * @param own of this Selvage
   * @param upgrade whether versions may change
   * @param downgrade whether the version may go back
   */
  static Optional<String> wrongVersion(
      Surroundings found, String own, boolean upgrade, boolean downgrade) {
    Optional<String> there = found.installed().map(Surroundings.Installed::version);
    if (there.isEmpty()) {
      return upgrade
          ? Optional.of("there is no Selvage to upgrade: selvage install makes one")
          : Optional.empty();
    }
    if (there.get().equals(own)) {
      return Optional.empty();
    }
    if (!upgrade) {
      return Optional.of(
          "Selvage %s is installed, and this is %s: selvage upgrade brings it to this version"
              .formatted(there.get(), own));
    }
    return InstalledVersion.isNewer(there.get(), own) && !downgrade
        ? Optional.of(
            "Selvage %s is installed, which is newer than this one (%s): --force goes back"
                .formatted(there.get(), own))
        : Optional.empty();
  }
}
