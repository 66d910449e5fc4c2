package io.selvage.doctor.probe;

import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProbeOutcome.Purpose;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the mesh does among Pods of the doctor's own, under policies of its own: it refuses
 * plaintext, tells the server who calls, denies what a policy denies. No policy is ever written
 * into another namespace.
 */
public final class PrivateRows {
  /** A connection may be another worker's, which takes a change a moment later than the first. */
  private static final int SETTLED = 4;

  private static final String SECURITY = "security.istio.io/v1";
  private static final String POLICY = "AuthorizationPolicy";

  /** By which we are allowed to call ourselves, also where the mesh denies by default. */
  private static final String OURS = "ours";

  private static final int DENIED = 403;
  private static final int OK = 200;

  private final PrivateNamespace namespace;
  private final Asker outside;
  private final Asker inside;
  private final ProbeTarget echo;
  private final String callersAddress;
  private final String identities;
  private final boolean knowsTrustDomain;
  private final Duration patience;
  private final Rows rows;

  /**
   * Of a namespace whose Pods are ready.
   *
   * @param echoAddress the server's
   * @param callersAddress the caller's own
   * @param patience how long a policy may take until it is in force
   */
  public PrivateRows(
      PrivateNamespace namespace,
      Asker outside,
      Asker inside,
      String echoAddress,
      String callersAddress,
      String trustDomain,
      Duration patience,
      Rows rows) {
    this.namespace = namespace;
    this.outside = outside;
    this.inside = inside;
    this.echo =
        new ProbeTarget(
            namespace.name(),
            PrivateNamespace.ECHO,
            PrivateNamespace.ECHO,
            echoAddress,
            PrivateNamespace.ECHO,
            PrivateNamespace.PORT,
            PrivateNamespace.PORT);
    this.callersAddress = callersAddress;
    this.knowsTrustDomain = !trustDomain.isEmpty();
    this.identities = "spiffe://" + trustDomain + "/ns/" + namespace.name() + "/sa/";
    this.patience = patience;
    this.rows = rows;
  }

  /** All of them, one after the other: each changes what the next begins with. */
  public void send() throws ProbeFailed, InterruptedException {
    namespace.apply(SECURITY, "PeerAuthentication", "strict", "{\"mtls\": {\"mode\": \"STRICT\"}}");
    allowOurselves();
    CurlAnswer allowed = inside.getUntil(url("/"), patience, answer -> answer.status() == OK);
    note(Purpose.MESH_IDENTITY, inside, "GET /", allowed, Map.of());
    note(Purpose.EXPECTED_ALLOW, inside, "GET /", allowed, Map.of());
    note(
        Purpose.PLAINTEXT,
        outside,
        "GET /",
        outside.getUntil(outside.url(echo, "/"), patience, answer -> answer.status() == 0),
        Map.of());
    identity();
    if (selfTest() && allowed.status() == OK) {
      spellings();
    } else {
      notSent(
          Purpose.PATH_SPELLING,
          new ProbeFailed("policies of the probe's own are not in force (SLV4001, SLV4002)"));
    }
  }

  private void allowOurselves() throws ProbeFailed {
    namespace.apply(
        SECURITY,
        POLICY,
        OURS,
        """
        {"rules": [{"from": [{"source": {"namespaces": ["%s"]}}]}]}
        """
            .formatted(namespace.name()));
  }

  private String url(String path) {
    return inside.url(echo, path);
  }

  private void note(
      Purpose purpose, Asker from, String request, CurlAnswer answer, Map<String, String> more) {
    rows.add(echo.outcome(purpose, from.name(), request, answer, more));
  }

  private void identity() throws ProbeFailed, InterruptedException {
    Look<Handshake.Served> own = outside.handshake(callersAddress, PrivateNamespace.PORT);
    CurlAnswer headers = inside.get(url("/headers"));
    Map<String, String> seen = new LinkedHashMap<>();
    headers.peerSeen().ifPresent(peer -> seen.put("x-forwarded-client-cert", peer));
    ServedChain.leafHash(own).ifPresent(hash -> seen.put("peer-hash", hash));
    if (knowsTrustDomain) {
      seen.put("expected-uri", identities + PrivateNamespace.CALLER);
      seen.put("expected-by", identities + PrivateNamespace.ECHO);
    }
    note(Purpose.PEER_SEEN, inside, "GET /headers", headers, seen);

    String forged = identities + "forged";
    CurlAnswer claimed =
        inside.get(
            url("/headers"), "X-Forwarded-Client-Cert: By=spiffe://forged;Hash=00;URI=" + forged);
    Map<String, String> claim = new LinkedHashMap<>();
    claim.put("forged", forged);
    claimed.peerSeen().ifPresent(peer -> claim.put("x-forwarded-client-cert", peer));
    note(Purpose.FORGED_PEER, inside, "GET /headers", claimed, claim);

    rows.add(
        new Handshake(
            new Handshake.Target(
                Handshake.Purpose.WORKLOAD, namespace.name(), PrivateNamespace.ECHO, echo.port()),
            "",
            ServedChain.ALPN,
            outside.handshake(echo.address(), echo.port())));
  }

  /** The runbook's deny-all, where it can hurt nobody; gives whether it denies. */
  private boolean selfTest() throws ProbeFailed, InterruptedException {
    namespace.apply(SECURITY, POLICY, "nobody", "{}");
    namespace.delete(SECURITY, POLICY, OURS);
    CurlAnswer denied = inside.getUntil(url("/"), patience, answer -> answer.status() == DENIED);
    note(Purpose.EXPECTED_DENY, inside, "GET /", denied, Map.of());
    namespace.delete(SECURITY, POLICY, "nobody");
    return denied.status() == DENIED;
  }

  private void spellings() throws ProbeFailed, InterruptedException {
    allowOurselves();
    String paths = "[\"%1$s\", \"%1$s/*\"]".formatted(PathSpelling.DENIED);
    namespace.apply(
        SECURITY,
        POLICY,
        "paths",
        """
        {"action": "DENY", "rules": [{"to": [{"operation": {"paths": %s}}]}]}
        """
            .formatted(paths));
    // the self-test's policy is gone, and this one is there
    inside.getUntil(url("/"), patience, answer -> answer.status() == OK);
    for (int i = 0; i < SETTLED; i++) {
      inside.getUntil(url(PathSpelling.DENIED), patience, answer -> answer.status() == DENIED);
    }
    // who gets past a policy that is in force does so every time
    Duration settling = patience;
    for (PathSpelling spelling : PathSpelling.ALL) {
      boolean same = spelling.meaning() == PathSpelling.Meaning.SAME;
      CurlAnswer answer =
          inside.getUntil(
              url(spelling.written()),
              same ? settling : Duration.ZERO,
              one -> one.status() == DENIED);
      if (same && answer.status() != DENIED) {
        settling = Duration.ZERO;
      }
      note(
          Purpose.PATH_SPELLING,
          inside,
          "GET " + spelling.written(),
          answer,
          Map.of(
              "denied-path", PathSpelling.DENIED,
              "spelling", spelling.written(),
              "meaning", spelling.meaning().word()));
    }
    namespace.delete(SECURITY, POLICY, "paths");
    namespace.delete(SECURITY, POLICY, OURS);
  }

  /** What was to be sent, when it could not be. */
  public void notSent(ProbeFailed why) {
    for (Purpose purpose :
        new Purpose[] {
          Purpose.MESH_IDENTITY, Purpose.PEER_SEEN, Purpose.EXPECTED_DENY, Purpose.PATH_SPELLING
        }) {
      notSent(purpose, why);
    }
  }

  private void notSent(Purpose purpose, ProbeFailed why) {
    rows.notSent(
        purpose,
        inside.name(),
        new ProbeOutcome.Target(echo.namespace(), echo.workload()),
        echo.port(),
        "GET /",
        why);
  }
}
