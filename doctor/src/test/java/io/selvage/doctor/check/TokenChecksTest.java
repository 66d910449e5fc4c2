package io.selvage.doctor.check;

import static io.selvage.doctor.check.AccessChecksTest.deployment;
import static io.selvage.doctor.check.Broken.fails;
import static io.selvage.doctor.check.Broken.passes;
import static io.selvage.doctor.check.Broken.skips;
import static io.selvage.doctor.check.Broken.unknown;
import static io.selvage.doctor.check.Broken.warns;
import static io.selvage.doctor.check.Probes.probe;

import io.selvage.doctor.Fixture;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProbeOutcome.Purpose;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class TokenChecksTest {
  private static final String OLD =
      "warn\tserverca\tAuthentication failed for 10.244.0.12:37692: Authenticator"
          + " ClientCertAuthenticator at index 0 got error: no verified chain is found."
          + " Authenticator KubeJWTAuthenticator at index 1 got error: failed to validate the JWT"
          + " from cluster \"east\": the service account authentication returns an error: [invalid"
          + " bearer token, token audiences [\"api\"] is invalid for the target audiences"
          + " [\"istio-ca\"]].";
  private static final String NEW =
      "error\tsecurity\tFailed to authenticate client from 10.244.0.12:53646: Authenticator"
          + " ClientCertAuthenticator: no verified chain is found; Authenticator"
          + " KubeJWTAuthenticator: failed to validate the JWT from cluster \"Kubernetes\": the"
          + " service account authentication returns an error: [invalid bearer token, service"
          + " account token has expired]; ";
  private static final String OURS =
      "WARN CertificateIssuance certificate refused to"
          + " CallerEvidence[address=Optional[/10.244.0.12], token=present, certificates=0]:"
          + " SLV5018 Authentication failed: Authenticator KubeJWTAuthenticator at index 0 got"
          + " error: SLV5018 the API server does not accept the token: [invalid bearer token,"
          + " service account token has expired]";

  @TestFactory
  Stream<DynamicTest> theIssuerIsExpected() {
    return Broken.onBoth(
        passes(
            "it is",
            "SLV5001",
            "https://kubernetes.default.svc.cluster.local, and accepted",
            f -> {}),
        unknown(
            "it is not known", "SLV5001", "forbidden", f -> f.issuer = Look.unseen("forbidden")));
  }

  @TestFactory
  Stream<DynamicTest> istiodIsConfigured() {
    return Broken.onIstio(
        skips("Google runs it", "SLV5001", "Google runs", AccessChecksTest::managed),
        skips("Google runs it", "SLV5002", "runs elsewhere", AccessChecksTest::managed),
        skips("Google runs it", "SLV5004", "Google runs", AccessChecksTest::managed),
        fails(
            "its JWT_RULE names another",
            "SLV5001",
            "istiod accepts [https://container.googleapis.com/v1/x]",
            environment(
                "JWT_RULE",
                "{\"issuer\":\"https://container.googleapis.com/v1/x\",\"audiences\":[\"x\"]}")),
        fails(
            "its audiences are others",
            "SLV5002",
            "3 proxies hold tokens for istio-ca, the CA wants x.svc.id.goog",
            environment("TOKEN_AUDIENCES", "x.svc.id.goog")));
  }

  private static Consumer<Fixture> environment(String name, String value) {
    return deployment(
        json ->
            ((ArrayNode) json.at("/spec/template/spec/containers/0/env"))
                .addObject()
                .put("name", name)
                .put("value", value));
  }

  @TestFactory
  Stream<DynamicTest> tokensAreForTheAuthority() {
    return Broken.onBoth(
        passes("all are", "SLV5002", "3 proxies hold tokens that their CA accepts", f -> {}),
        fails(
            "one is for the API server",
            "SLV5002",
            "1 proxies hold tokens for api, the CA wants istio-ca",
            f ->
                f.change(
                    Kind.POD,
                    "sample",
                    "httpbin-5d4f8c7b9-x2x2x",
                    json -> {
                      for (var volume : json.at("/spec/volumes")) {
                        if (volume.path("name").asString("").equals("istio-token")) {
                          ((ObjectNode) volume.at("/projected/sources/0/serviceAccountToken"))
                              .put("audience", "api");
                        }
                      }
                    })),
        unknown("Pods may not be read", "SLV5002", "pods", f -> f.unseen(Kind.POD)));
  }

  @TestFactory
  Stream<DynamicTest> aFreshTokenIsAccepted() {
    return Broken.onBoth(
        passes("it is", "SLV5003", "accepted", f -> f.probe(token("authenticated", "k1", "13:00"))),
        fails(
            "the review refuses it",
            "SLV5003",
            "does not accept the token that it issued: invalid bearer token",
            f -> f.probe(token("invalid bearer token", "k1", "13:00"))),
        fails(
            "it is signed by another key",
            "SLV5003",
            "by key k2, which the API server does not publish",
            f -> f.probe(token("authenticated", "k2", "13:00"))),
        fails(
            "it has expired already",
            "SLV5003",
            "expired 300 s ago",
            f -> f.probe(token("authenticated", "k1", "11:55"))),
        unknown(
            "it was not reviewed",
            "SLV5003",
            "was not reviewed",
            f -> f.probe(token("", "k1", "13:00"))),
        unknown("nothing was sent", "SLV5003", "--probe", f -> {}));
  }

  private static ProbeOutcome token(String review, String key, String expires) {
    return probe(
        Purpose.CERTIFICATE_REQUEST,
        "selvage-probe/probe",
        "issued",
        Map.of(
            "review", review,
            "token-key", key,
            "token-expires", "2026-11-26T" + expires + ":00Z"));
  }

  @TestFactory
  Stream<DynamicTest> nobodyIsRefusedForLong() {
    return Broken.onBoth(
        passes("nobody is", "SLV5004", "nobody was refused in 60 min", f -> {}),
        fails(
            "an old istiod's wording",
            "SLV5004",
            "refused sample/httpbin-5d4f8c7b9-x2x2x 5x in 60 min",
            f -> often(f, OLD)),
        fails("a new istiod's wording", "SLV5004", "refused sample/httpbin", f -> often(f, NEW)),
        fails("our wording", "SLV5004", "refused sample/httpbin", f -> often(f, OURS)),
        passes(
            "once, long ago",
            "SLV5004",
            "refusals that did not last: 1x in 60 min",
            f -> f.log(Fixtures.NOW.minus(Duration.ofMinutes(50)), NEW)),
        unknown(
            "the log may not be read",
            "SLV5004",
            "pods/log",
            f -> f.logs = Look.unseen("pods/log is forbidden")));
  }

  private static void often(Fixture fixture, String line) {
    for (int i = 1; i <= 5; i++) {
      fixture.log(Fixtures.NOW.minus(Duration.ofMinutes(6 - i)), line);
    }
  }

  @TestFactory
  Stream<DynamicTest> tokensAreRequired() {
    return Broken.onBoth(
        skips("nobody checks tokens", "SLV5005", "no RequestAuthentication", f -> {}),
        warns(
            "they are checked, not required",
            "SLV5005",
            "sample/jwt checks tokens, but requires none of 1 Pods' callers",
            f -> f.with(jwt("jwksUri: https://issuer.example/keys"))),
        passes(
            "they are required",
            "SLV5005",
            "each with a policy that asks for a token",
            f -> required(f.with(jwt("jwksUri: https://issuer.example/keys")))),
        unknown(
            "policies may not be read",
            "SLV5005",
            "requestauthentications",
            f -> f.unseen(Kind.REQUEST_AUTHENTICATION)));
  }

  private static String jwt(String keys) {
    return """
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: jwt, namespace: sample}
        spec:
          selector: {matchLabels: {app: httpbin}}
          jwtRules: [{issuer: "https://issuer.example", %s}]
        """
        .formatted(keys);
  }

  /** In a namespace without workloads. */
  private static String unused(String keys) {
    return jwt(keys)
        .replace("namespace: sample", "namespace: default")
        .replace("  selector: {matchLabels: {app: httpbin}}\n", "");
  }

  /** With a policy that asks for one; the proxy, which would have to have it, was not looked at. */
  private static void required(Fixture fixture) {
    fixture.proxies =
        fixture.proxies.map(
            all -> all.stream().filter(one -> !one.name().startsWith("httpbin")).toList());
    fixture.change(
        Kind.AUTHORIZATION_POLICY,
        "sample",
        "httpbin",
        json ->
            ((ObjectNode) json.at("/spec/rules/0"))
                .putArray("when")
                .addObject()
                .put("key", "request.auth.claims[iss]")
                .putArray("values")
                .add("https://issuer.example"));
  }

  @TestFactory
  Stream<DynamicTest> keySetsAreReached() {
    return Broken.onBoth(
        skips("there are none", "SLV5006", "no RequestAuthentication", f -> {}),
        passes(
            "nothing is said of it",
            "SLV5006",
            "1 issuers, 1 of them by address",
            f -> f.with(unused("jwksUri: https://issuer.example/keys"))),
        fails(
            "it is this host's own",
            "SLV5006",
            "leads into the control plane's own host",
            f -> f.with(unused("jwksUri: 'http://169.254.169.254/keys'"))),
        fails(
            "an inline set is empty",
            "SLV5006",
            "holds no key",
            f -> f.with(unused("jwks: '{\"keys\":[]}'"))),
        fails(
            "it is away, by the log",
            "SLV5006",
            "keys of https://issuer.example could not be fetched",
            f -> {
              f.with(unused("jwksUri: https://issuer.example/keys"));
              f.log(
                  Fixtures.NOW.minus(Duration.ofMinutes(5)),
                  "error\tmodel\tFailed to fetch public key from jwks URI"
                      + " \"https://issuer.example/keys\": unsuccessful response: 503");
            }),
        fails(
            "it is away, by a probe",
            "SLV5006",
            "fetching https://issuer.example/keys: 503",
            f -> {
              f.with(unused("jwksUri: https://issuer.example/keys"));
              f.probe(
                  new ProbeOutcome(
                      Purpose.JWKS_FETCH,
                      "outside",
                      new ProbeOutcome.Target("sample", "jwt"),
                      443,
                      "https://issuer.example/keys",
                      "503",
                      Map.of()));
            }));
  }
}
