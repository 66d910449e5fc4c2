package io.selvage.model;

import io.selvage.model.RequestAuthentication.ClaimToHeader;
import io.selvage.model.RequestAuthentication.JwtHeader;
import io.selvage.model.RequestAuthentication.JwtRule;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code security.istio.io} RequestAuthentication. */
final class RequestAuthenticationReader {
  private static final Pattern HEADER_NAME = Pattern.compile("[-_A-Za-z0-9]+");

  private RequestAuthenticationReader() {}

  static RequestAuthentication read(ObjectMeta meta, Fields top) {
    Fields spec = top.spec();
    top.finish();
    RequestAuthentication policy =
        new RequestAuthentication(
            meta,
            SelectorReader.selector(spec),
            SelectorReader.targetRefs(spec),
            spec.objects("jwtRules").stream().map(RequestAuthenticationReader::rule).toList());
    spec.finish();
    return policy;
  }

  private static JwtRule rule(Fields fields) {
    Optional<String> jwksUri = fields.text("jwksUri").or(() -> fields.text("jwks_uri"));
    Optional<String> jwks = fields.text("jwks");
    JwtRule rule =
        new JwtRule(
            fields.text("issuer", ""),
            filled(fields, "audiences"),
            jwks,
            jwksUri,
            fields.objects("fromHeaders").stream()
                .map(RequestAuthenticationReader::header)
                .toList(),
            filled(fields, "fromParams"),
            filled(fields, "fromCookies"),
            fields.text("outputPayloadToHeader").filter(name -> !name.isEmpty()),
            fields.objects("outputClaimToHeaders").stream()
                .map(RequestAuthenticationReader::claim)
                .toList(),
            fields.flag("forwardOriginalToken", false),
            filled(fields, "spaceDelimitedClaims"),
            fields.duration("timeout").orElse(JwtRule.DEFAULT_TIMEOUT),
            fields.at());
    fields.finish();
    checkIssuer(fields, rule);
    checkKeys(fields, rule);
    rule.outputPayloadToHeader()
        .ifPresent(name -> checkHeaderName(fields, "outputPayloadToHeader", name));
    return rule;
  }

  private static void checkIssuer(Fields fields, JwtRule rule) {
    if (fields.has("issuer") && rule.issuer().isEmpty()) {
      fields.refuse("issuer", "must not be empty");
    } else if (rule.issuer().isEmpty() && rule.jwksUri().isEmpty()) {
      fields.refuse("issuer", "is required where there is no jwksUri");
    }
  }

  private static void checkKeys(Fields fields, JwtRule rule) {
    if (rule.jwks().isPresent() && rule.jwksUri().isPresent()) {
      fields.refuse("jwks", "give only one of jwks and jwksUri");
    }
    rule.jwksUri()
        .filter(uri -> !isHttp(uri))
        .ifPresent(
            uri -> fields.refuse("jwksUri", "\"%s\" is not an http or https URI".formatted(uri)));
    rule.jwks().ifPresent(text -> JwksText.check(fields, text));
    if (rule.timeout().isZero()) {
      fields.refuse("timeout", "must be longer than nothing");
    }
  }

  private static boolean isHttp(String text) {
    try {
      URI uri = new URI(text);
      String scheme = uri.getScheme();
      return uri.getHost() != null
          && ("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static List<String> filled(Fields fields, String name) {
    return PolicyValues.texts(fields, name).values();
  }

  private static JwtHeader header(Fields fields) {
    JwtHeader header = new JwtHeader(fields.required("name"), fields.text("prefix", ""));
    fields.finish();
    return header;
  }

  private static ClaimToHeader claim(Fields fields) {
    ClaimToHeader claim = new ClaimToHeader(fields.required("header"), fields.required("claim"));
    fields.finish();
    checkHeaderName(fields, "header", claim.header());
    return claim;
  }

  private static void checkHeaderName(Fields fields, String field, String name) {
    if (!name.isEmpty() && !HEADER_NAME.matcher(name).matches()) {
      fields.refuse(field, "\"%s\" is not a header's name".formatted(name));
    }
  }
}
