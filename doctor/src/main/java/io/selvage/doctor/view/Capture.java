package io.selvage.doctor.view;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which connections of a Pod go through its sidecar: by the arguments of the init container that
 * sets capture up, which hold what the installation says, too; where there is none, as under
 * Istio's CNI plugin before it validated, by the Pod's annotations.
 */
public final class Capture {
  private static final String ALL = "*";

  /** Init containers that set capture up, or look whether a CNI plugin did. */
  private static final Set<String> CONTAINERS = Set.of("istio-init", "istio-validation");

  /** A sidecar's own ports, which are never captured. */
  private static final Set<String> OF_PROXY = Set.of("15020", "15021", "15090");

  /**
   * What is said: as an annotation, and as an option of {@code istio-iptables} (short and long) and
   * of {@code selvage capture}.
   */
  private enum Word {
    MODE("sidecar.istio.io/interceptionMode", "-m", "--istio-inbound-interception-mode", ""),
    INCLUDE_INBOUND(
        "traffic.sidecar.istio.io/includeInboundPorts",
        "-b",
        "--istio-inbound-ports",
        "--include-inbound-ports"),
    EXCLUDE_INBOUND(
        "traffic.sidecar.istio.io/excludeInboundPorts",
        "-d",
        "--istio-local-exclude-ports",
        "--exclude-inbound-ports"),
    INCLUDE_RANGES(
        "traffic.sidecar.istio.io/includeOutboundIPRanges",
        "-i",
        "--istio-service-cidr",
        "--include-outbound-ranges"),
    EXCLUDE_RANGES(
        "traffic.sidecar.istio.io/excludeOutboundIPRanges",
        "-x",
        "--istio-service-exclude-cidr",
        "--exclude-outbound-ranges"),
    INCLUDE_OUTBOUND(
        "traffic.sidecar.istio.io/includeOutboundPorts",
        "-q",
        "--istio-outbound-ports",
        "--include-outbound-ports");

    private final String annotation;
    private final String brief;
    private final String full;
    private final String ours;

    Word(String annotation, String brief, String full, String ours) {
      this.annotation = annotation;
      this.brief = brief;
      this.full = full;
      this.ours = ours;
    }

    private boolean isCalled(String option) {
      return !option.isEmpty()
          && (option.equals(brief) || option.equals(full) || option.equals(ours));
    }
  }

  /** Of those that are said nowhere; empty for all others. */
  private static final Map<Word, String> DEFAULTS =
      Map.of(Word.INCLUDE_INBOUND, ALL, Word.INCLUDE_RANGES, ALL);

  /**
   * Something that leaves connections out.
   *
   * @param words as it is written
   * @param annotation of the Pod that says it; empty when it has none that does
   */
  public record Gap(String words, Optional<String> annotation) {}

  private final PodView pod;
  private final Optional<List<String>> arguments;

  private Capture(PodView pod, Optional<List<String>> arguments) {
    this.pod = pod;
    this.arguments = arguments;
  }

  /** Of a Pod with a sidecar. */
  public static Capture of(PodView pod) {
    return new Capture(
        pod,
        pod.containers()
            .filter(one -> CONTAINERS.contains(one.path("name").asString("")))
            .findFirst()
            .map(one -> one.path("args").valueStream().map(text -> text.asString("")).toList()));
  }

  /** Nothing is captured, either way ({@code NONE}): the sidecar listens at ports of its own. */
  public boolean isOff() {
    return said(Word.MODE)
        .or(this::modeOfProxy)
        .or(() -> annotation(Word.MODE))
        .filter("NONE"::equals)
        .isPresent();
  }

  /** The proxy's own word, where the mesh's settings and no annotation say the mode. */
  private Optional<String> modeOfProxy() {
    return pod.containers()
        .filter(one -> one.path("name").asString("").equals("istio-proxy"))
        .flatMap(one -> one.path("env").valueStream())
        .filter(one -> one.path("name").asString("").equals("ISTIO_META_INTERCEPTION_MODE"))
        .map(one -> one.path("value").asString(""))
        .findFirst();
  }

  /** Why connections to a port reach the program without the sidecar; empty when they do not. */
  public Optional<Gap> inbound(int port) {
    String number = String.valueOf(port);
    if (OF_PROXY.contains(number)) {
      return Optional.empty();
    }
    if (isOff()) {
      return Optional.of(gap("interception mode NONE", Word.MODE));
    }
    List<String> included = list(Word.INCLUDE_INBOUND);
    if (!included.contains(ALL)) {
      return included.contains(number)
          ? Optional.empty()
          : Optional.of(gap("captured are the ports " + included + " alone", Word.INCLUDE_INBOUND));
    }
    return list(Word.EXCLUDE_INBOUND).contains(number)
        ? Optional.of(gap("excluded are " + list(Word.EXCLUDE_INBOUND), Word.EXCLUDE_INBOUND))
        : Optional.empty();
  }

  /** Why nothing that the programs send goes through the sidecar; empty when something does. */
  public Optional<Gap> outbound() {
    if (isOff()) {
      return Optional.of(gap("interception mode NONE", Word.MODE));
    }
    List<String> excluded = list(Word.EXCLUDE_RANGES);
    if (excluded.contains(ALL) || excluded.contains("0.0.0.0/0")) {
      return Optional.of(gap("excluded are " + excluded, Word.EXCLUDE_RANGES));
    }
    return list(Word.INCLUDE_RANGES).isEmpty() && list(Word.INCLUDE_OUTBOUND).isEmpty()
        ? Optional.of(gap("no destination is included", Word.INCLUDE_RANGES))
        : Optional.empty();
  }

  private Gap gap(String words, Word word) {
    boolean annotated = pod.pod().annotations().containsKey(word.annotation);
    String where =
        annotated
            ? word.annotation + ": \"" + pod.annotation(word.annotation) + "\""
            : arguments.isPresent() ? "the init container's arguments" : "the proxy's environment";
    return new Gap(
        words + " (" + where + ")", annotated ? Optional.of(word.annotation) : Optional.empty());
  }

  private List<String> list(Word word) {
    String all = said(word).or(() -> annotation(word)).orElse(DEFAULTS.getOrDefault(word, ""));
    return Arrays.stream(all.split(",", -1))
        .map(String::strip)
        .filter(one -> !one.isEmpty())
        .toList();
  }

  /** One that is there and empty says so. */
  private Optional<String> annotation(Word word) {
    return Optional.ofNullable(pod.pod().annotations().get(word.annotation));
  }

  private Optional<String> said(Word word) {
    return arguments.flatMap(all -> value(all, word));
  }

  private static Optional<String> value(List<String> arguments, Word word) {
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (word.isCalled(argument) && i + 1 < arguments.size()) {
        return Optional.of(arguments.get(i + 1));
      }
      int equals = argument.indexOf('=');
      if (equals > 0 && word.isCalled(argument.substring(0, equals))) {
        return Optional.of(argument.substring(equals + 1));
      }
    }
    return Optional.empty();
  }
}
