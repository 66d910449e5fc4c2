package io.selvage.doctor;

import io.selvage.doctor.evidence.AccessAnswer;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClockReading;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Metric;
import io.selvage.doctor.evidence.Objects;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProxyView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The evidence of one cluster, which a test changes in one place. The fields are what {@link
 * ClusterEvidence} is made from; set one for a change that has no method.
 */
public final class Fixture {
  public String context = "east";
  public String server = "https://10.0.0.1:6443";
  public Look<JsonNode> version = Look.unseen("not read");
  public Look<Boolean> reached = Look.seen(true);
  public Look<Flavour> flavour = Look.unseen("not read");
  public Look<List<LogLine>> logs = Look.seen(List.of());
  public Look<List<LogLine>> proxyLogs = Look.seen(List.of());
  public Look<List<Metric>> metrics = Look.seen(List.of());
  public Look<List<ProxyView>> proxies = Look.seen(List.of());
  public Look<List<Handshake>> handshakes = Look.seen(List.of());
  public Look<List<ProbeOutcome>> probes = Look.unseen("nothing is sent without --probe");
  public Look<List<AccessAnswer>> access = Look.seen(List.of());
  public Look<JsonNode> issuer = Look.unseen("not read");
  public Look<JsonNode> tokenKeys = Look.unseen("not read");
  public Look<List<ClockReading>> clocks = Look.seen(List.of());
  public Look<JsonNode> cloud = Look.unseen("no credentials of a cloud provider");
  public Instant since = Fixtures.NOW.minus(Duration.ofHours(1));

  /** Who signs here. */
  public FixtureAuthority authority = FixtureAuthority.make();

  private final Map<Kind, Look<List<ApiObject>>> objects = new EnumMap<>(Kind.class);

  Fixture() {
    for (Kind kind : Kind.values()) {
      objects.put(kind, Look.seen(List.of()));
    }
  }

  /** Adds objects, or puts them in the place of those of the same names. */
  public Fixture with(String yaml) {
    FixtureFiles.yaml(yaml).forEach(this::put);
    return this;
  }

  Fixture put(ObjectNode json) {
    var object = new ApiObject(json);
    var kind =
        Arrays.stream(Kind.values())
            .filter(each -> each.singular().equals(object.kind()))
            .findFirst();
    kind.ifPresent(
        each -> {
          var all = new ArrayList<>(look(each).found().orElse(List.of()));
          all.removeIf(one -> one.ref().equals(object.ref()));
          all.add(object);
          objects.put(each, Look.seen(all));
        });
    return this;
  }

  /** Changes one object, which must be there. */
  public Fixture change(Kind kind, String namespace, String name, Consumer<ObjectNode> change) {
    var json = find(kind, namespace, name).json().deepCopy();
    change.accept(json);
    return put(json);
  }

  /** Takes one object away, which must be there. */
  public Fixture without(Kind kind, String namespace, String name) {
    var gone = find(kind, namespace, name);
    objects.put(
        kind, look(kind).map(all -> all.stream().filter(one -> !one.equals(gone)).toList()));
    return this;
  }

  private Look<List<ApiObject>> look(Kind kind) {
    return new Objects(objects).look(kind);
  }

  private ApiObject find(Kind kind, String namespace, String name) {
    return new Objects(objects)
        .find(kind, namespace, name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no " + new ObjectRef(kind.singular(), namespace, name)));
  }

  /** A kind that may not be read. */
  public Fixture unseen(Kind kind) {
    objects.put(
        kind,
        new Look.Unseen<>(
            kind.plural() + " may not be read", Optional.of("list " + kind.plural() + " -A")));
    return this;
  }

  /** The mesh's settings may not be read: nobody knows its trust domain or root namespace. */
  public Fixture settingsUnseen() {
    flavour =
        flavour.map(
            found ->
                new Flavour(
                    found.kind(), found.version(), found.namespace(), found.revisions(), ""));
    return unseen(Kind.CONFIG_MAP);
  }

  /** One line more in the control plane's log. */
  public Fixture log(Instant time, String text) {
    var pod = look(Kind.POD).found().orElse(List.of()).getFirst().name();
    logs = plus(logs, new LogLine("istio-system", pod, "discovery", Optional.of(time), text));
    return this;
  }

  /** One line more in a proxy's log. */
  public Fixture proxyLog(String namespace, String pod, Instant time, String text) {
    proxyLogs =
        plus(proxyLogs, new LogLine(namespace, pod, "istio-proxy", Optional.of(time), text));
    return this;
  }

  /** One sample more of the control plane's. */
  public Fixture metric(String name, Map<String, String> labels, double value) {
    metrics = plus(metrics, new Metric("istiod-6c9d7f5b8-p7p7p", name, labels, value));
    return this;
  }

  /** One probe more; the first makes them seen. */
  public Fixture probe(ProbeOutcome outcome) {
    probes = plus(Look.seen(probes.found().orElse(List.of())), outcome);
    return this;
  }

  /** Takes rights away: those answers become a no. */
  public Fixture denied(Predicate<AccessAnswer> which) {
    access =
        access.map(
            all ->
                all.stream()
                    .map(
                        one ->
                            which.test(one)
                                ? new AccessAnswer(
                                    one.user(),
                                    one.verb(),
                                    one.group(),
                                    one.resource(),
                                    one.namespace(),
                                    one.name(),
                                    false,
                                    "")
                                : one)
                    .toList());
    return this;
  }

  /** Changes the proxy of a workload, which must be there. */
  public Fixture proxy(String pod, UnaryOperator<ProxyView> change) {
    proxies =
        proxies.map(
            all ->
                all.stream()
                    .map(one -> one.name().startsWith(pod) ? change.apply(one) : one)
                    .toList());
    return this;
  }

  /** Changes the config dump of a workload's proxy. */
  public Fixture configDump(String pod, Consumer<ObjectNode> change) {
    return proxy(
        pod,
        one ->
            new ProxyView(
                one.namespace(),
                one.name(),
                one.configDump()
                    .map(
                        dump -> {
                          var copy = (ObjectNode) dump.deepCopy();
                          change.accept(copy);
                          return copy;
                        }),
                one.certificates(),
                one.sync(),
                one.stats()));
  }

  /** Changes what handshakes with a target brought. */
  public Fixture handshake(Predicate<Handshake.Target> which, Look<Handshake.Served> outcome) {
    handshakes =
        handshakes.map(
            all ->
                all.stream()
                    .map(
                        one ->
                            which.test(one.target())
                                ? new Handshake(
                                    one.target(), one.serverName(), one.offered(), outcome)
                                : one)
                    .toList());
    return this;
  }

  /** The cluster as it is now. */
  public ClusterEvidence cluster() {
    return new ClusterEvidence(
        context,
        server,
        version,
        reached,
        flavour,
        new Objects(objects),
        logs,
        proxyLogs,
        metrics,
        proxies,
        handshakes,
        probes,
        access,
        issuer,
        tokenKeys,
        clocks,
        cloud,
        Fixtures.NOW,
        since);
  }

  /** This cluster alone. */
  public Evidence evidence() {
    return Fixtures.evidence(this);
  }

  static <T> Look<List<T>> plus(Look<List<T>> look, T one) {
    return look.map(
        all -> {
          var more = new ArrayList<>(all);
          more.add(one);
          return List.copyOf(more);
        });
  }
}
