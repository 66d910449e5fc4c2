package io.selvage.it.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Which ways of writing policy the cases show: every field of the security resources by every form
 * of match that Istio documents for it, plain and negated, under ALLOW and DENY; every mode at
 * every scope; every field of a token's rule.
 */
final class Coverage {
  private static final List<String> TEXT = List.of("exact", "prefix", "suffix", "presence");
  private static final List<String> ADDRESS = List.of("address", "block");
  private static final List<String> EXACT = List.of("exact");

  /** Forms by field of a source. */
  private static final Map<String, List<String>> SOURCE =
      new TreeMap<>(
          Map.of(
              "principals", TEXT,
              "requestPrincipals", TEXT,
              "namespaces", TEXT,
              "serviceAccounts", EXACT,
              "ipBlocks", ADDRESS,
              "remoteIpBlocks", ADDRESS));

  /** Forms by field of an operation. */
  private static final Map<String, List<String>> OPERATION =
      new TreeMap<>(
          Map.of(
              "hosts", TEXT,
              "ports", EXACT,
              "methods", TEXT,
              "paths", List.of("exact", "prefix", "suffix", "presence", "template")));

  /** Forms by a condition's key, without what stands in brackets. */
  private static final Map<String, List<String>> CONDITION =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("request.headers", TEXT),
              Map.entry("source.ip", ADDRESS),
              Map.entry("remote.ip", ADDRESS),
              Map.entry("source.namespace", TEXT),
              Map.entry("source.principal", TEXT),
              Map.entry("source.serviceAccount", EXACT),
              Map.entry("request.auth.principal", TEXT),
              Map.entry("request.auth.audiences", TEXT),
              Map.entry("request.auth.presenter", TEXT),
              Map.entry("request.auth.claims", TEXT),
              Map.entry("destination.ip", ADDRESS),
              Map.entry("destination.port", EXACT),
              Map.entry("connection.sni", TEXT)));

  private static final List<String> TOKEN_RULE =
      List.of(
          "audiences",
          "jwks",
          "fromHeaders",
          "fromParams",
          "fromCookies",
          "outputPayloadToHeader",
          "outputClaimToHeaders",
          "forwardOriginalToken",
          "spaceDelimitedClaims");

  private final Set<String> seen = new TreeSet<>();

  private Coverage() {}

  /** What of all that is wanted the cases of these sets do not show. */
  static List<String> holes(List<CaseSet> sets) {
    var coverage = new Coverage();
    sets.forEach(set -> set.resources().forEach(coverage::look));
    return wanted().stream().filter(each -> !coverage.seen.contains(each)).toList();
  }

  /** Everything that is wanted, one line each. */
  static List<String> wanted() {
    List<String> all = new ArrayList<>();
    for (String action : List.of("ALLOW", "DENY")) {
      SOURCE.forEach((field, forms) -> forms.forEach(form -> both(all, action, field, form)));
      OPERATION.forEach((field, forms) -> forms.forEach(form -> both(all, action, field, form)));
      CONDITION.forEach((key, forms) -> forms.forEach(form -> both(all, action, key, form)));
    }
    all.add("action AUDIT");
    all.add("action CUSTOM");
    for (String scope : List.of("mesh", "namespace", "workload", "port")) {
      for (String mode : List.of("UNSET", "DISABLE", "PERMISSIVE", "STRICT")) {
        all.add("PeerAuthentication " + scope + " " + mode);
      }
    }
    TOKEN_RULE.forEach(field -> all.add("RequestAuthentication " + field));
    return all;
  }

  private static void both(List<String> all, String action, String field, String form) {
    all.add(action + " " + field + " " + form);
    all.add(action + " not " + field + " " + form);
  }

  private void look(JsonNode resource) {
    JsonNode spec = resource.path("spec");
    switch (resource.path("kind").asString("")) {
      case "AuthorizationPolicy" -> authorization(spec);
      case "PeerAuthentication" -> peers(resource, spec);
      case "RequestAuthentication" ->
          spec.path("jwtRules")
              .forEach(
                  rule ->
                      rule.propertyNames()
                          .forEach(field -> seen.add("RequestAuthentication " + field)));
      default -> {}
    }
  }

  private void authorization(JsonNode spec) {
    String action = spec.path("action").asString("ALLOW");
    seen.add("action " + action);
    for (JsonNode rule : spec.path("rules")) {
      rule.path("from").forEach(from -> fields(action, from.path("source"), SOURCE));
      rule.path("to").forEach(to -> fields(action, to.path("operation"), OPERATION));
      for (JsonNode when : rule.path("when")) {
        String key = when.path("key").asString("").split("\\[", 2)[0];
        boolean address = CONDITION.getOrDefault(key, TEXT).equals(ADDRESS);
        values(action, key, address, when.path("values"));
        values(action, "not " + key, address, when.path("notValues"));
      }
    }
  }

  private void fields(String action, JsonNode object, Map<String, List<String>> known) {
    known.forEach(
        (field, forms) -> {
          String not = "not" + Character.toUpperCase(field.charAt(0)) + field.substring(1);
          values(action, field, forms.equals(ADDRESS), object.path(field));
          values(action, "not " + field, forms.equals(ADDRESS), object.path(not));
        });
  }

  private void values(String action, String field, boolean address, JsonNode values) {
    for (JsonNode value : values) {
      String text = value.asString();
      String form =
          address
              ? text.contains("/") ? "block" : "address"
              : text.contains("{*")
                  ? "template"
                  : text.equals("*")
                      ? "presence"
                      : text.startsWith("*") ? "suffix" : text.endsWith("*") ? "prefix" : "exact";
      seen.add(action + " " + field + " " + form);
    }
  }

  private void peers(JsonNode resource, JsonNode spec) {
    boolean root =
        resource.path("metadata").path("namespace").asString("").equals(Stage.ROOT_NAMESPACE);
    String scope = spec.has("selector") ? "workload" : root ? "mesh" : "namespace";
    seen.add("PeerAuthentication " + scope + " " + mode(spec.path("mtls")));
    spec.path("portLevelMtls").forEach(port -> seen.add("PeerAuthentication port " + mode(port)));
  }

  private static String mode(JsonNode mtls) {
    return mtls.path("mode").asString("UNSET");
  }
}
