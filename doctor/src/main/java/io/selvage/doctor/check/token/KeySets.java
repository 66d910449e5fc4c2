package io.selvage.doctor.check.token;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.LogSignature;
import io.selvage.doctor.mesh.Occurrences;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * SLV5006: the key sets of users' tokens are there. Where one is not, istiod puts a key in its
 * place that nobody has, so that every token of the issuer is refused.
 */
public final class KeySets {
  private static final Duration RECENT = Duration.ofMinutes(30);

  private KeySets() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        new CheckInfo(
            "SLV5006",
            "the key sets of token issuers are reached and safe to fetch",
            Status.FAIL,
            Set.of(Source.OBJECTS, Source.LOGS, Source.PROBE),
            FixClass.PRINTED,
            List.of("R10"),
            Optional.of("IST0175")),
        KeySets::ask);
  }

  /** One issuer of one RequestAuthentication. */
  private record Rule(ApiObject of, JsonNode json) {
    private String issuer() {
      return json.path("issuer").asString("");
    }

    private String uri() {
      return json.path("jwksUri").asString(json.path("jwks_uri").asString(""));
    }
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    if (Asked.mesh(cluster, results).isEmpty()
        || Need.all(cluster, Kind.REQUEST_AUTHENTICATION, results).isEmpty()) {
      return;
    }
    List<Rule> rules = new ArrayList<>();
    for (ApiObject one : cluster.objects().all(Kind.REQUEST_AUTHENTICATION)) {
      one.at("/spec/jwtRules").valueStream().forEach(rule -> rules.add(new Rule(one, rule)));
    }
    if (rules.isEmpty()) {
      results.skip("nobody checks tokens: there is no RequestAuthentication with rules");
      return;
    }
    List<Rule> fetched = new ArrayList<>();
    for (Rule rule : rules) {
      if (rule.json().has("jwks")) {
        inline(rule, results);
      } else {
        fetched.add(rule);
        guarded(rule, results);
      }
    }
    probes(fetched, cluster, results);
    if (results.all().isEmpty()) {
      logs(fetched, cluster, results);
    }
    if (results.all().isEmpty()) {
      results
          .pass(
              "%d issuers, %d of them by address, none in trouble"
                  .formatted(rules.size(), fetched.size()))
          .seen(
              Shown.some(rules.stream().map(Rule::issuer).toList()),
              "GET requestauthentications, the control plane's log");
    }
  }

  private static void inline(Rule rule, Results results) {
    boolean keys;
    try {
      keys =
          !new ObjectMapper()
              .readTree(rule.json().path("jwks").asString(""))
              .path("keys")
              .isEmpty();
    } catch (JacksonException e) {
      keys = false;
    }
    if (!keys) {
      fail(rule, "the inline jwks holds no key", results)
          .seen("jwks of issuer " + rule.issuer(), "GET " + rule.of().ref())
          .cause("it is no JWKS, RFC 7517: {\"keys\": [...]}")
          .next("put the issuer's key set there, or its address as jwksUri");
    }
  }

  /** Addresses that a control plane should not be made to call (server-side request forgery). */
  private static void guarded(Rule rule, Results results) {
    if (rule.uri().isEmpty()) {
      return;
    }
    String host;
    String scheme;
    try {
      URI uri = URI.create(rule.uri());
      host = Optional.ofNullable(uri.getHost()).orElse("").toLowerCase(Locale.ROOT);
      scheme = Optional.ofNullable(uri.getScheme()).orElse("");
    } catch (IllegalArgumentException e) {
      fail(rule, "jwksUri %s is no URI".formatted(rule.uri()), results)
          .seen(rule.uri(), "GET " + rule.of().ref())
          .next("correct it");
      return;
    }
    boolean inward =
        host.equals("localhost")
            || host.startsWith("127.")
            || host.startsWith("169.254.")
            || host.equals("[::1]")
            || host.equals("metadata.google.internal");
    if (inward) {
      fail(
              rule,
              "jwksUri %s leads into the control plane's own host".formatted(rule.uri()),
              results)
          .seen(rule.uri(), "GET " + rule.of().ref())
          .cause("whoever wrote it may have the control plane call what only it can reach")
          .next("use the issuer's public address; set BLOCKED_CIDRS_IN_JWKS_URIS on istiod");
    } else if (scheme.equals("http") && !host.endsWith(".svc") && !host.contains(".svc.")) {
      results
          .warn("%s: keys of %s come unprotected".formatted(rule.of().ref(), rule.issuer()))
          .about(rule.of().ref())
          .seen(rule.uri(), "GET " + rule.of().ref())
          .cause("jwksUri is http")
          .effect("who is on the way can put keys of his own in, and sign tokens")
          .next("use https");
    }
  }

  private static Results.Said fail(Rule rule, String what, Results results) {
    return results
        .fail("%s: %s".formatted(rule.of().ref(), what))
        .about(rule.of().ref())
        .effect("every token of %s is refused, and so is who needs one".formatted(rule.issuer()));
  }

  private static void probes(List<Rule> rules, ClusterEvidence cluster, Results results) {
    for (ProbeOutcome probe : cluster.probes().found().orElse(List.of())) {
      if (probe.purpose() != ProbeOutcome.Purpose.JWKS_FETCH || probe.result().equals("200")) {
        continue;
      }
      rules.stream()
          .filter(rule -> probe.request().contains(rule.uri()) && !rule.uri().isEmpty())
          .forEach(
              rule ->
                  fail(rule, "fetching %s: %s".formatted(rule.uri(), probe.result()), results)
                      .by(Confidence.PROVED_BY_TRAFFIC)
                      .seen(probe.result(), "GET " + rule.uri())
                      .cause("the issuer is away, or a firewall or proxy is between")
                      .next("curl -v " + rule.uri()));
    }
  }

  private static void logs(List<Rule> rules, ClusterEvidence cluster, Results results) {
    if (rules.isEmpty()) {
      return;
    }
    if (cluster.logs() instanceof Look.Unseen<List<LogLine>>) {
      Need.of(cluster.logs(), "the control plane's log", results);
      return;
    }
    Map<Rule, List<LogSignature.Match>> byRule = new LinkedHashMap<>();
    for (LogSignature.Match match :
        LogSignature.find(LogSignature.JWKS, cluster.logs().found().orElse(List.of()))) {
      boolean recent =
          match.line().time().map(at -> at.isAfter(cluster.taken().minus(RECENT))).orElse(true);
      rules.stream()
          .filter(rule -> recent && tells(match, rule))
          .forEach(rule -> byRule.computeIfAbsent(rule, _ -> new ArrayList<>()).add(match));
    }
    byRule.forEach(
        (rule, matches) -> {
          Occurrences seen =
              new Occurrences(
                  matches.stream().map(LogSignature.Match::line).toList(),
                  Duration.between(cluster.since(), cluster.taken()));
          var said =
              fail(
                      rule,
                      "keys of %s could not be fetched, %s".formatted(rule.issuer(), seen),
                      results)
                  .by(Confidence.INFERRED_FROM_LOGS)
                  .about(new ObjectRef("Issuer", "", rule.issuer()))
                  .seen(matches.getLast().line().text(), "log of " + matches.getLast().line().pod())
                  .cause(matches.getLast().part("reasons"))
                  .next(
                      "from the control plane's network: curl -v "
                          + (rule.uri().isEmpty() ? rule.issuer() : rule.uri()));
          seen.first().ifPresent(said::since);
        });
  }

  private static boolean tells(LogSignature.Match match, Rule rule) {
    String text = match.line().text();
    return (!rule.uri().isEmpty() && text.contains(rule.uri()))
        || (!rule.issuer().isEmpty() && text.contains(rule.issuer()));
  }
}
