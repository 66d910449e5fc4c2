package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.control.kubernetes.inject.InjectionChoices;
import io.selvage.control.kubernetes.inject.InjectionChoices.NativeSidecars;
import io.selvage.control.kubernetes.inject.LabelSelector;
import io.selvage.control.kubernetes.inject.ProxyDefaults;
import io.selvage.control.kubernetes.inject.RevisionTags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** What an installation chooses for its sidecars. */
final class InjectionOptions {
  @Option(
      names = "--sidecar-image",
      paramLabel = "IMAGE",
      description = "Image of injected sidecars (default: localhost/selvage:VERSION).")
  private Optional<String> image = Optional.empty();

  @Option(
      names = "--sidecar-pull-policy",
      paramLabel = "POLICY",
      description = "Always, IfNotPresent or Never (default: Kubernetes').")
  private Optional<String> pullPolicy = Optional.empty();

  @Option(
      names = "--sidecar-pull-secret",
      paramLabel = "NAME",
      description = "Secret of the Pod's namespace by which the image is pulled; may be repeated.")
  private List<String> pullSecrets = new ArrayList<>();

  @Option(
      names = "--sidecar-control-plane",
      paramLabel = "HOST:PORT",
      description = "Where sidecars join (default: the Service selvage, port 15012).")
  private Optional<String> controlPlane = Optional.empty();

  @Option(
      names = "--mesh-id",
      paramLabel = "ID",
      description = "The mesh's id (default: its trust domain).")
  private Optional<String> mesh = Optional.empty();

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description = "The cluster's network, where the mesh has several.")
  private Optional<String> network = Optional.empty();

  @Option(
      names = "--native-sidecars",
      paramLabel = "WHEN",
      description =
          "auto: where every node's kubelet serves them (inject -f takes it for granted: Kubernetes"
              + " 1.29); true; false (default ${DEFAULT-VALUE}).")
  private NativeSidecars nativeSidecars = NativeSidecars.AUTO;

  @Option(
      names = "--istio-labels",
      paramLabel = "BOOL",
      arity = "1",
      description = {
        "Whether sidecar.istio.io/inject=true alone on a Pod, istio-injection=enabled on a"
            + " namespace, and istio.io/rev=default are meant for Selvage (default"
            + " ${DEFAULT-VALUE}): not where an Istio injects."
      })
  private boolean istioLabels = true;

  @Option(
      names = "--revision-tag",
      paramLabel = "NAME",
      description = "istio.io/rev=NAME asks for Selvage, too; may be repeated.")
  private List<String> tags = new ArrayList<>();

  @Option(
      names = "--never-inject",
      paramLabel = "K=V[,K=V]",
      description = "Leave Pods with these labels alone unless they ask; may be repeated.")
  private List<String> never = new ArrayList<>();

  @Option(
      names = "--hold-application",
      description = "Have applications wait until their sidecar is ready.")
  private boolean hold;

  /**
   * What was chosen.
   *
   * @throws UserError naming the option that makes no sense
   */
  InjectionChoices choices(ProxyDefaults defaults) {
    return new InjectionChoices(
        image.orElseGet(InjectionOptions::standardImage),
        pullPolicy,
        pullSecrets.stream()
            .map(name -> usage("--sidecar-pull-secret", name, InjectionChoices::secretName))
            .toList(),
        controlPlane,
        mesh,
        network,
        nativeSidecars,
        istioLabels,
        tags.stream().map(tag -> usage("--revision-tag", tag, RevisionTags::checked)).toList(),
        never.stream().map(InjectionOptions::selector).toList(),
        hold,
        defaults);
  }

  /** The image that this version of Selvage makes. */
  static String standardImage() {
    return "localhost/selvage:"
        + Objects.requireNonNullElse(
            InjectionOptions.class.getPackage().getImplementationVersion(), "latest");
  }

  /** The value that {@code reading} makes of it; what it refuses is the command line's fault. */
  private static <T> T usage(String option, String text, Function<String, T> reading) {
    try {
      return reading.apply(text);
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, option + ": " + e.getMessage());
    }
  }

  private static LabelSelector selector(String text) {
    Map<String, String> labels = new TreeMap<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals <= 0) {
        throw new UserError(ExitCode.USAGE, "--never-inject " + text + ": K=V is wanted");
      }
      labels.put(part.substring(0, equals), part.substring(equals + 1));
    }
    return new LabelSelector(labels, List.of());
  }
}
