package io.selvage.doctor.probe;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProbeOutcome.Purpose;
import io.selvage.doctor.mesh.Owners;
import io.selvage.doctor.mesh.ProxyCertificate;
import io.selvage.doctor.view.PodView;
import io.selvage.pki.Fingerprint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One conversation, asked from the user's own Pod by the {@code curl} that its container has: the
 * runbook's way. It sends two GETs and changes nothing.
 */
public final class ConversationRow {
  private final ClusterEvidence seen;
  private final Conversation conversation;
  private final Caller caller;

  /** Who asks from a Pod. */
  @FunctionalInterface
  public interface Caller {
    /** As the Pod's own program. */
    Asker from(PodView pod) throws ProbeFailed;
  }

  /** Of one conversation. */
  public ConversationRow(ClusterEvidence seen, Conversation conversation, Caller caller) {
    this.seen = seen;
    this.conversation = conversation;
    this.caller = caller;
  }

  /** Sends both. */
  public ProbeFindings send() throws InterruptedException {
    Optional<PodView> from = from();
    if (from.isEmpty()) {
      return ProbeFindings.none(Look.unseen("no Pod of %s runs".formatted(conversation.from())));
    }
    Rows rows = new Rows();
    Purpose purpose = from.get().hasSidecar() ? Purpose.MESH_IDENTITY : Purpose.PLAINTEXT;
    String name = from.get().namespace() + "/" + from.get().serviceAccount();
    try {
      rows.add(target().outcome(purpose, name, "GET /", get(from.get(), "/"), Map.of()));
      CurlAnswer headers = get(from.get(), "/headers");
      Map<String, String> peer = new LinkedHashMap<>();
      headers.peerSeen().ifPresent(value -> peer.put("x-forwarded-client-cert", value));
      held(from.get()).ifPresent(hash -> peer.put("peer-hash", hash));
      rows.add(target().outcome(Purpose.PEER_SEEN, name, "GET /headers", headers, peer));
    } catch (ProbeFailed e) {
      rows.notSent(
          purpose,
          name,
          new ProbeOutcome.Target(conversation.to().namespace(), target().workload()),
          target().port(),
          "GET /",
          e);
    }
    return rows.findings();
  }

  /** SHA-256 of the certificate that the caller's proxy holds, where its dump was seen. */
  private Optional<String> held(PodView from) {
    return seen.proxies().found().orElse(List.of()).stream()
        .filter(proxy -> proxy.namespace().equals(from.namespace()))
        .filter(proxy -> proxy.name().equals(from.name()))
        .flatMap(proxy -> ProxyCertificate.of(proxy).stream())
        .filter(certificate -> !certificate.chain().isEmpty())
        .map(certificate -> Fingerprint.sha256Hex(certificate.chain().getFirst()))
        .findFirst();
  }

  private CurlAnswer get(PodView from, String path) throws ProbeFailed, InterruptedException {
    String url =
        "http://%s.%s:%d%s"
            .formatted(
                conversation.to().name(), conversation.to().namespace(), conversation.port(), path);
    return caller.from(from).get(url);
  }

  /** A running Pod whose workload, or label {@code app}, has that name; or that Pod itself. */
  private Optional<PodView> from() {
    Conversation.Party asks = conversation.from();
    return seen.objects().all(Kind.POD).stream()
        .filter(pod -> pod.namespace().equals(asks.namespace()))
        .filter(pod -> pod.text("/status/phase").equals("Running"))
        .filter(pod -> pod.text("/metadata/deletionTimestamp").isEmpty())
        .filter(pod -> isNamed(pod, asks.name()))
        .map(PodView::new)
        .findFirst();
  }

  private boolean isNamed(ApiObject pod, String name) {
    return pod.name().equals(name)
        || name.equals(pod.labels().get("app"))
        || Owners.workload(seen.objects(), pod)
            .filter(owner -> owner.name().equals(name))
            .isPresent();
  }

  /** The workload behind the Service; the Service itself when none is in the mesh. */
  private ProbeTarget target() {
    List<ProbeTarget> all = ProbeTarget.of(seen);
    return all.stream()
        .filter(each -> each.namespace().equals(conversation.to().namespace()))
        .filter(each -> each.service().equals(conversation.to().name()))
        .filter(each -> each.servicePort() == conversation.port())
        .findFirst()
        .orElseGet(
            () ->
                new ProbeTarget(
                    conversation.to().namespace(),
                    conversation.to().name(),
                    "",
                    "",
                    conversation.to().name(),
                    conversation.port(),
                    conversation.port()));
  }
}
