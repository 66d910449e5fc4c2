package io.selvage.doctor.kubernetes.probe;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.jwks.KeyFetch;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.mesh.ControlPlane;
import io.selvage.doctor.probe.Conversation;
import io.selvage.doctor.probe.ConversationRow;
import io.selvage.doctor.probe.KeySetRow;
import io.selvage.doctor.probe.PrivateRows;
import io.selvage.doctor.probe.ProbeFailed;
import io.selvage.doctor.probe.ProbeFindings;
import io.selvage.doctor.probe.ProbeRequest;
import io.selvage.doctor.probe.ProbeTarget;
import io.selvage.doctor.probe.Prober;
import io.selvage.doctor.probe.Rows;
import io.selvage.doctor.probe.WorkloadRows;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Probes of one cluster, from a namespace that is there for them alone. */
public final class KubernetesProber implements Prober {
  private static final int ID_BITS = 40;

  private final KubernetesClient client;
  private final KeyFetch fetch;
  private final InstantSource clock;
  private final SecureRandom random;

  /**
   * Prepares it.
   *
   * @param fetch how key sets at public addresses are had
   */
  public KubernetesProber(
      KubernetesClient client, KeyFetch fetch, InstantSource clock, SecureRandom random) {
    this.client = client;
    this.fetch = fetch;
    this.clock = clock;
    this.random = random;
  }

  @Override
  public ProbeFindings probe(ClusterEvidence seen, ProbeRequest request, Consumer<String> progress)
      throws InterruptedException {
    Optional<Flavour> flavour = seen.flavour().found();
    if (flavour.isEmpty() || flavour.get().kind() == Flavour.Kind.NONE) {
      return ProbeFindings.none(Look.unseen("there is no mesh to probe"));
    }
    Optional<String> image = request.image().or(() -> ownImage(seen, flavour.get()));
    if (image.isEmpty()) {
      return ProbeFindings.none(
          Look.unseen(
              "no image for the probe's Pods: --probe-image names one of Selvage that this cluster"
                  + " can pull"));
    }
    progress.accept("probes: a private namespace");
    String id = new BigInteger(ID_BITS, random).toString(Character.MAX_RADIX);
    try (ProbeNamespace namespace =
        ProbeNamespace.make(
            client, id, clock.instant(), request.life(), Discovery.labels(seen, flavour.get()))) {
      return sent(seen, flavour.get(), image.get(), namespace, request, progress);
    } catch (ProbeFailed e) {
      return ProbeFindings.none(e.look());
    }
  }

  /** Of the control plane's own Deployment, where it is ours: the nodes have it already. */
  private static Optional<String> ownImage(ClusterEvidence seen, Flavour flavour) {
    return flavour.kind() == Flavour.Kind.SELVAGE
        ? seen.objects().all(Kind.DEPLOYMENT).stream()
            .filter(one -> one.namespace().equals(flavour.namespace()))
            .filter(
                one ->
                    flavour.revisions().stream()
                        .anyMatch(revision -> revision.deployment().equals(one.name())))
            .map(one -> one.text("/spec/template/spec/containers/0/image"))
            .filter(text -> !text.isEmpty())
            .findFirst()
        : Optional.empty();
  }

  private ProbeFindings sent(
      ClusterEvidence seen,
      Flavour flavour,
      String image,
      ProbeNamespace namespace,
      ProbeRequest request,
      Consumer<String> progress)
      throws ProbeFailed, InterruptedException {
    Rows rows = new Rows();
    progress.accept("probes: Pods");
    namespace.fill(image);
    new InjectionRow(client, namespace, rows).send(flavour);
    Meshed meshed = meshed(namespace, image, flavour);
    namespace.awaitReady(ProbeNamespace.OUTSIDE);
    Caller outside = Caller.outside(namespace);
    progress.accept("probes: a certificate with a fresh token");
    new CertificateRow(client, namespace, clock, random, rows)
        .send(
            ControlPlane.of(seen, flavour),
            CertificateRow.audience(Optional.ofNullable(meshed.caller())));
    progress.accept("probes: among the private Pods");
    privately(namespace, flavour, meshed, request, rows);
    List<ProbeTarget> targets = ProbeTarget.of(seen).stream().limit(request.limit()).toList();
    progress.accept("probes: %d ports of workloads".formatted(targets.size()));
    new WorkloadRows(
            targets,
            outside,
            meshed.why() == null ? Optional.of(Caller.inside(namespace)) : Optional.empty(),
            meshed.why() == null ? new ProbeFailed("") : meshed.why(),
            rows)
        .send();
    new KeySetRow(fetch, url -> outside.get(url), rows).send(seen);
    return rows.findings();
  }

  /**
   * The Pods with sidecars.
   *
   * @param why they are of no use; null when they are
   */
  private record Meshed(@Nullable Pod caller, @Nullable Pod echo, @Nullable ProbeFailed why) {}

  private static Meshed meshed(ProbeNamespace namespace, String image, Flavour flavour)
      throws InterruptedException {
    Pod caller = null;
    try {
      namespace.join(image, InjectionRow.labels(flavour, flavour.revisions().getFirst()));
      caller = namespace.awaitReady(ProbeNamespace.CALLER);
      Pod echo = namespace.awaitReady(ProbeNamespace.ECHO);
      return new Meshed(
          caller,
          echo,
          InjectionRow.isInjected(caller) && InjectionRow.isInjected(echo)
              ? null
              : new ProbeFailed("the probe's Pods asked for sidecars and got none"));
    } catch (ProbeFailed e) {
      return new Meshed(caller, null, e);
    }
  }

  private static void privately(
      ProbeNamespace namespace, Flavour flavour, Meshed meshed, ProbeRequest request, Rows rows)
      throws InterruptedException {
    Pod caller = meshed.caller();
    Pod echo = meshed.echo();
    PrivateRows own =
        new PrivateRows(
            namespace,
            Caller.outside(namespace),
            Caller.inside(namespace),
            echo == null ? "" : echo.getStatus().getPodIP(),
            caller == null ? "" : caller.getStatus().getPodIP(),
            flavour.trustDomain(),
            request.patience(),
            rows);
    if (meshed.why() != null) {
      own.notSent(meshed.why());
      return;
    }
    try {
      own.send();
    } catch (ProbeFailed e) {
      own.notSent(e);
    }
  }

  @Override
  public ProbeFindings converse(ClusterEvidence seen, Conversation conversation)
      throws InterruptedException {
    return new ConversationRow(seen, conversation, pod -> OwnPod.of(client, pod)).send();
  }
}
