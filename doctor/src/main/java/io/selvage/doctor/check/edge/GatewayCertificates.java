package io.selvage.doctor.check.edge;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.PemText;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Spelled;
import io.selvage.doctor.view.Words;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** Certificates of gateways, by the Secrets that {@code credentialName} names. */
public final class GatewayCertificates {
  /** There, valid, and for the gateway's hosts. */
  public static final Check CHECK =
      new Check.OfCluster(
          new CheckInfo(
              "SLV9001",
              "gateways have valid certificates for their hosts",
              Status.FAIL,
              Set.of(Source.OBJECTS),
              FixClass.EXPLAINED,
              List.of(),
              Optional.of("IST0161")),
          GatewayCertificates::ask);

  private static final Duration SOON = Duration.ofDays(14);

  private GatewayCertificates() {}

  /** One use of a Secret. */
  private record Use(
      ApiObject gateway, String secret, Set<String> namespaces, List<String> hosts) {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.GATEWAY, Kind.POD)) {
      return;
    }
    List<Use> uses = uses(cluster);
    if (uses.isEmpty()) {
      results.skip("no Gateway names a certificate");
      return;
    }
    if (!Need.kinds(cluster, results, Kind.SECRET)) {
      return;
    }
    uses.forEach(use -> judge(cluster, use, results));
    if (results.isFine()) {
      results.pass("%s are valid".formatted(Words.count(uses.size(), "certificate")));
    }
  }

  private static List<Use> uses(ClusterEvidence cluster) {
    List<Use> all = new ArrayList<>();
    for (ApiObject gateway : cluster.objects().all(Kind.GATEWAY)) {
      Map<String, String> selector = new LinkedHashMap<>();
      gateway
          .at("/spec/selector")
          .properties()
          .forEach(one -> selector.put(one.getKey(), one.getValue().asString("")));
      Set<String> namespaces =
          new TreeSet<>(
              MeshView.of(cluster).pods().stream()
                  .filter(pod -> pod.labels().entrySet().containsAll(selector.entrySet()))
                  .map(PodView::namespace)
                  .toList());
      for (JsonNode server : gateway.at("/spec/servers")) {
        String name = server.at("/tls/credentialName").asString("");
        List<String> hosts =
            server
                .path("hosts")
                .valueStream()
                .map(host -> host.asString("").replaceFirst("^[^/]*/", ""))
                .toList();
        if (!name.isEmpty() && !namespaces.isEmpty()) {
          all.add(new Use(gateway, name, namespaces, hosts));
        }
      }
    }
    return all;
  }

  private static void judge(ClusterEvidence cluster, Use use, Results results) {
    for (String namespace : use.namespaces()) {
      Optional<ApiObject> secret = cluster.objects().find(Kind.SECRET, namespace, use.secret());
      if (secret.isEmpty()) {
        missing(cluster, use, namespace, results);
        continue;
      }
      JsonNode data = secret.get().json().path("data");
      String encoded = data.path("tls.crt").asString(data.path("cert").asString(""));
      PemText pem = new PemText(secret.get().ref() + " tls.crt", decoded(encoded));
      Optional<List<X509Certificate>> chain = pem.certificates().filter(all -> !all.isEmpty());
      if (chain.isEmpty()) {
        tell(
            results.fail(
                "%s uses %s, whose certificate cannot be read: %s"
                    .formatted(
                        use.gateway().ref(), secret.get().ref(), pem.problem().orElse("unknown"))),
            use,
            "the Secret has no tls.crt, or it is no PEM",
            "put the certificate's chain into tls.crt");
      } else {
        certificate(cluster, use, secret.get(), chain.get().getFirst(), results);
      }
    }
  }

  private static String decoded(String base64) {
    try {
      return new String(Base64.getMimeDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return base64;
    }
  }

  private static void missing(ClusterEvidence cluster, Use use, String namespace, Results results) {
    Set<String> elsewhere =
        new TreeSet<>(
            cluster.objects().all(Kind.SECRET).stream()
                .filter(one -> one.name().equals(use.secret()))
                .map(ApiObject::namespace)
                .toList());
    Collection<String> here =
        cluster.objects().all(Kind.SECRET).stream()
            .filter(one -> one.namespace().equals(namespace))
            .map(ApiObject::name)
            .toList();
    tell(
        results.fail(
            "%s names the Secret %s, which is not in %s%s"
                .formatted(
                    use.gateway().ref(),
                    use.secret(),
                    namespace,
                    elsewhere.isEmpty() ? Spelled.meant(use.secret(), here) : "")),
        use,
        elsewhere.isEmpty()
            ? "it was not made, or has another name"
            : "it is in %s; a gateway reads Secrets of its own namespace only"
                .formatted(Words.some(elsewhere)),
        "make it in namespace %s: kubectl -n %s create secret tls %s --cert=… --key=…"
            .formatted(namespace, namespace, use.secret()));
  }

  private static void certificate(
      ClusterEvidence cluster, Use use, ApiObject secret, X509Certificate leaf, Results results) {
    Instant now = cluster.taken();
    Instant end = leaf.getNotAfter().toInstant();
    Instant begin = leaf.getNotBefore().toInstant();
    String named =
        "%s uses %s: %s".formatted(use.gateway().ref(), secret.ref(), Shown.certificate(leaf));
    if (end.isBefore(now) || begin.isAfter(now)) {
      tell(
          results.fail(
              end.isBefore(now) ? named + " ended at " + end : named + " begins at " + begin),
          use,
          "it was not renewed",
          "renew it; the gateway takes the new one by itself");
    } else if (end.isBefore(now.plus(SOON))) {
      tell(
          results.warn(
              "%s ends in %s".formatted(named, Shown.duration(Duration.between(now, end)))),
          use,
          "it has not been renewed yet",
          "renew it");
    }
    List<String> uncovered =
        use.hosts().stream().filter(host -> !host.equals("*") && !covers(leaf, host)).toList();
    if (!uncovered.isEmpty()) {
      tell(
          results.fail("%s is not for %s".formatted(named, Words.some(uncovered))),
          use,
          "the certificate has other names: " + Words.some(names(leaf)),
          "get one with these names, or take the hosts out of the Gateway");
    }
  }

  private static boolean covers(X509Certificate leaf, String host) {
    return names(leaf).stream()
        .anyMatch(
            name ->
                name.equalsIgnoreCase(host)
                    || (name.startsWith("*.")
                        && host.indexOf('.') > 0
                        && host.substring(host.indexOf('.')).equalsIgnoreCase(name.substring(1))));
  }

  private static List<String> names(X509Certificate leaf) {
    try {
      Collection<List<?>> names = leaf.getSubjectAlternativeNames();
      return names == null
          ? List.of()
          : names.stream().map(name -> String.valueOf(name.get(1))).toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  private static void tell(Results.Said said, Use use, String cause, String next) {
    said.about(use.gateway().ref())
        .seen("credentialName " + use.secret(), "GET " + use.gateway().ref())
        .cause(cause)
        .effect("browsers and other callers refuse the connection, or it is reset")
        .next(next);
  }
}
