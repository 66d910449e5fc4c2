package io.selvage.doctor.check.injection;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.MeshWebhook;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * SLV3004: the API server reaches the webhooks: the Service is there with Pods behind it, and no
 * creation of a Pod failed for want of an answer. What its certificate is worth is SLV3002's.
 */
public final class WebhookReachable {
  private static final Duration RECENT = Duration.ofMinutes(30);
  private static final String FAILED = "failed calling webhook";

  private WebhookReachable() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV3004",
            "the API server reaches the webhooks",
            Set.of(Source.OBJECTS, Source.PROBE),
            FixClass.PRINTED,
            "R5"),
        WebhookReachable::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.inKubernetes(cluster, results);
    if (flavour.isEmpty() || !Need.kinds(cluster, results, Kind.SERVICE, Kind.ENDPOINT_SLICE)) {
      return;
    }
    Optional<List<MeshWebhook>> injecting =
        Need.of(MeshWebhook.injecting(cluster, flavour.get()), "webhooks", results);
    if (injecting.isEmpty()) {
      return;
    }
    List<MeshWebhook> webhooks = new ArrayList<>(injecting.get());
    MeshWebhook.validating(cluster, flavour.get()).found().ifPresent(webhooks::addAll);
    Map<ObjectRef, MeshWebhook> services = new LinkedHashMap<>();
    webhooks.stream()
        .filter(one -> one.url().isEmpty())
        .forEach(
            one ->
                services.putIfAbsent(
                    new ObjectRef("Service", one.serviceNamespace(), one.service()), one));
    services.forEach((service, webhook) -> service(service, webhook, cluster, results));
    events(cluster, results);
    probes(cluster, results);
    if (results.all().isEmpty()) {
      if (webhooks.isEmpty()) {
        results.skip("the mesh has no webhooks here");
      } else {
        results
            .pass("%d Services of webhooks have Pods behind them".formatted(services.size()))
            .seen(services.keySet().toString(), "GET services, endpointslices, events");
      }
    }
  }

  private static void service(
      ObjectRef ref, MeshWebhook webhook, ClusterEvidence cluster, Results results) {
    Optional<ApiObject> service = cluster.objects().find(Kind.SERVICE, ref.namespace(), ref.name());
    if (service.isEmpty()) {
      fail(webhook, "calls %s, which is not there".formatted(ref), results)
          .about(ref)
          .seen("not found", "GET " + ref)
          .cause("the revision was removed, its webhook was not")
          .next("delete the webhook, or install the revision again");
      return;
    }
    boolean port =
        service
            .get()
            .at("/spec/ports")
            .valueStream()
            .anyMatch(one -> one.path("port").asInt(0) == webhook.servicePort());
    if (!port) {
      fail(
              webhook,
              "calls port %d, which %s has not".formatted(webhook.servicePort(), ref),
              results)
          .about(ref)
          .seen(service.get().at("/spec/ports").toString(), "GET " + ref)
          .cause("the Service was changed by hand, or by another version's manifest")
          .next("apply the Service of the install manifest again");
      return;
    }
    if (ready(ref, cluster) == 0) {
      fail(webhook, "calls %s, which has no ready Pod".formatted(ref), results)
          .about(ref)
          .seen("no ready endpoint", "GET endpointslices of " + ref)
          .cause("the control plane is down (SLV0005), or the Service selects other labels")
          .next(
              "kubectl -n %s get endpointslices -l kubernetes.io/service-name=%s"
                  .formatted(ref.namespace(), ref.name()));
    }
  }

  private static Results.Said fail(MeshWebhook webhook, String what, Results results) {
    return results
        .fail("%s %s".formatted(webhook.configuration().name(), what))
        .about(webhook.configuration().ref())
        .effect(
            webhook.failurePolicy().equals("Fail")
                ? "what it is asked about cannot be created"
                : "Pods start without a proxy");
  }

  private static long ready(ObjectRef service, ClusterEvidence cluster) {
    return cluster.objects().all(Kind.ENDPOINT_SLICE).stream()
        .filter(slice -> slice.namespace().equals(service.namespace()))
        .filter(
            slice ->
                slice
                    .labels()
                    .getOrDefault("kubernetes.io/service-name", "")
                    .equals(service.name()))
        .flatMap(slice -> slice.at("/endpoints").valueStream())
        .filter(endpoint -> endpoint.at("/conditions/ready").asBoolean(true))
        .count();
  }

  /** What controllers say of Pods that they could not create. */
  private static void events(ClusterEvidence cluster, Results results) {
    Map<String, ApiObject> last = new LinkedHashMap<>();
    cluster.objects().all(Kind.EVENT).stream()
        .filter(event -> event.text("/message").contains(FAILED))
        .filter(event -> event.text("/message").contains("sidecar-injector."))
        .filter(event -> !isAboutCertificates(event.text("/message")))
        .filter(event -> time(event).isAfter(cluster.taken().minus(RECENT)))
        .filter(event -> !FailedCreation.isOver(event, time(event), cluster))
        .forEach(event -> last.put(reason(event), event));
    last.forEach(
        (reason, event) ->
            results
                .fail("Pods of %s could not be created: %s".formatted(object(event), reason))
                .about(
                    new ObjectRef(
                        event.text("/involvedObject/kind"),
                        event.namespace(),
                        event.text("/involvedObject/name")))
                .by(Confidence.INFERRED_FROM_LOGS)
                .seen(event.text("/message"), "GET events -n " + event.namespace())
                .cause(cause(reason))
                .effect("the workload cannot be started or scaled")
                .since(Written.instant(event.text("/firstTimestamp")).orElse(time(event)))
                .next(next(reason)));
  }

  private static String cause(String reason) {
    return reason.contains("deadline") || reason.contains("timeout") || reason.contains("timed out")
        ? "the API server's packets do not arrive: on private GKE the firewall between it and the"
            + " nodes leaves port 15017 out, elsewhere a NetworkPolicy"
        : "nobody listens where the Service leads: the control plane is down or starting";
  }

  private static String next(String reason) {
    return reason.contains("deadline") || reason.contains("timeout") || reason.contains("timed out")
        ? "allow TCP 15017 from the control plane's network: gcloud compute firewall-rules update"
            + " RULE --allow tcp:10250,tcp:443,tcp:15017"
        : "see SLV0005";
  }

  private static String object(ApiObject event) {
    return "%s %s/%s"
        .formatted(
            event.text("/involvedObject/kind"),
            event.namespace(),
            event.text("/involvedObject/name"));
  }

  private static String reason(ApiObject event) {
    String message = event.text("/message");
    int at = message.lastIndexOf("\": ");
    return at < 0 ? message : message.substring(at + 3);
  }

  private static boolean isAboutCertificates(String message) {
    return message.contains("x509:") || message.contains("certificate");
  }

  private static Instant time(ApiObject event) {
    return Stream.of(
            "/lastTimestamp",
            "/series/lastObservedTime",
            "/eventTime",
            "/metadata/creationTimestamp")
        .flatMap(pointer -> Written.instant(event.text(pointer)).stream())
        .findFirst()
        .orElse(Instant.EPOCH);
  }

  private static void probes(ClusterEvidence cluster, Results results) {
    for (ProbeOutcome probe : cluster.probes().found().orElse(List.of())) {
      if (probe.purpose() != ProbeOutcome.Purpose.INJECTION_DRY_RUN
          || probe.result().equals("injected")) {
        continue;
      }
      String error = probe.details().getOrDefault("error", probe.result());
      if (isAboutCertificates(error)) {
        continue;
      }
      results
          .fail(
              probe.result().equals("not-injected")
                  ? "a Pod that was tried in ns %s got no proxy".formatted(probe.to().namespace())
                  : "a Pod that was tried in ns %s was refused: %s"
                      .formatted(probe.to().namespace(), error))
          .about(new ObjectRef("Namespace", "", probe.to().namespace()))
          .by(Confidence.PROVED_BY_TRAFFIC)
          .seen(error, "POST pods?dryRun=All -n " + probe.to().namespace())
          .cause(cause(error))
          .effect("so would every other new Pod there")
          .next(next(error));
    }
  }
}
