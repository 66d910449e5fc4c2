package io.selvage.doctor.local;

import io.selvage.control.jwks.KeyFetch;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.probe.Asker;
import io.selvage.doctor.probe.Conversation;
import io.selvage.doctor.probe.ConversationRow;
import io.selvage.doctor.probe.KeySetRow;
import io.selvage.doctor.probe.PrivateNamespace;
import io.selvage.doctor.probe.PrivateRows;
import io.selvage.doctor.probe.ProbeFailed;
import io.selvage.doctor.probe.ProbeFindings;
import io.selvage.doctor.probe.ProbeRequest;
import io.selvage.doctor.probe.ProbeTarget;
import io.selvage.doctor.probe.Prober;
import io.selvage.doctor.probe.Rows;
import io.selvage.doctor.probe.WorkloadRows;
import io.selvage.doctor.view.PodView;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Probes of one cluster of the mesh on this machine, by its own proxies: two workloads are carried
 * for a while, one that calls and one that is called. A call from outside of the mesh goes out of
 * the caller's network without its proxy.
 */
public final class LocalProber implements Prober {
  private static final int ID_BITS = 40;

  private final LocalMesh mesh;
  private final KeyFetch fetch;
  private final Random random;

  /**
   * Prepares it.
   *
   * @param fetch how key sets at public addresses are had
   * @param random names the namespace
   */
  public LocalProber(LocalMesh mesh, KeyFetch fetch, Random random) {
    this.mesh = mesh;
    this.fetch = fetch;
    this.random = random;
  }

  @Override
  public ProbeFindings probe(ClusterEvidence seen, ProbeRequest request, Consumer<String> progress)
      throws InterruptedException {
    String id = new BigInteger(ID_BITS, random).toString(Character.MAX_RADIX);
    progress.accept("probes: two workloads of its own");
    try (LocalMesh.Guests guests = mesh.guests(seen.context(), id)) {
      return sent(seen, request, guests, progress);
    } catch (IOException e) {
      return ProbeFindings.none(
          Look.unseen("the mesh carries no workloads for probes: " + e.getMessage()));
    }
  }

  private ProbeFindings sent(
      ClusterEvidence seen,
      ProbeRequest request,
      LocalMesh.Guests guests,
      Consumer<String> progress)
      throws InterruptedException {
    var caller = new LocalMesh.Named(guests.namespace(), PrivateNamespace.CALLER);
    Asker outside =
        LocalAsker.outside(
            mesh,
            seen.context(),
            caller,
            guests.address(PrivateNamespace.CALLER),
            new LocalMesh.Named(guests.namespace(), PrivateNamespace.ECHO));
    Asker inside =
        LocalAsker.inside(
            mesh, seen.context(), caller, guests.namespace() + "/" + PrivateNamespace.CALLER);
    Rows rows = new Rows();
    rows.add(issued(guests, inside.name()));
    progress.accept("probes: among its own workloads");
    var own =
        new PrivateRows(
            new Private(guests),
            outside,
            inside,
            guests.address(PrivateNamespace.ECHO),
            guests.address(PrivateNamespace.CALLER),
            seen.flavour().found().map(Flavour::trustDomain).orElse("cluster.local"),
            request.patience(),
            rows);
    try {
      own.send();
    } catch (ProbeFailed e) {
      own.notSent(e);
    }
    List<ProbeTarget> targets = ProbeTarget.of(seen).stream().limit(request.limit()).toList();
    progress.accept("probes: %d ports of workloads".formatted(targets.size()));
    new WorkloadRows(targets, outside, Optional.of(inside), new ProbeFailed(""), rows).send();
    new KeySetRow(fetch, url -> outside.get(url), rows).send(seen);
    return rows.findings();
  }

  /** The caller could not be carried without a certificate, for which its proxy had a new token. */
  private static ProbeOutcome issued(LocalMesh.Guests guests, String caller) {
    return new ProbeOutcome(
        ProbeOutcome.Purpose.CERTIFICATE_REQUEST,
        caller,
        new ProbeOutcome.Target("istio-system", "istiod"),
        0,
        "a certificate for %s with a fresh join token".formatted(guests.namespace()),
        "issued",
        Map.of());
  }

  /** Policies for the doctor's own workloads. */
  private record Private(LocalMesh.Guests guests) implements PrivateNamespace {
    @Override
    public String name() {
      return guests.namespace();
    }

    @Override
    public void apply(String apiVersion, String kind, String object, String spec)
        throws ProbeFailed {
      try {
        guests.apply(apiVersion, kind, object, spec);
      } catch (IOException e) {
        throw new ProbeFailed("%s %s is not taken: %s".formatted(kind, object, e.getMessage()));
      }
    }

    @Override
    public void delete(String apiVersion, String kind, String object) throws ProbeFailed {
      try {
        guests.delete(apiVersion, kind, object);
      } catch (IOException e) {
        throw new ProbeFailed("%s %s stays: %s".formatted(kind, object, e.getMessage()));
      }
    }
  }

  @Override
  public ProbeFindings converse(ClusterEvidence seen, Conversation conversation)
      throws InterruptedException {
    return new ConversationRow(seen, conversation, pod -> from(seen, pod)).send();
  }

  private Asker from(ClusterEvidence seen, PodView pod) {
    return LocalAsker.inside(
        mesh,
        seen.context(),
        new LocalMesh.Named(pod.namespace(), pod.name()),
        pod.namespace() + "/" + pod.serviceAccount());
  }
}
