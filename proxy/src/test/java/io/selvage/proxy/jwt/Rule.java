package io.selvage.proxy.jwt;

import io.selvage.xds.resource.HttpFilter;
import io.selvage.xds.resource.HttpFilter.HeaderLocation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A rule that is changed a little. */
record Rule(HttpFilter.Provider provider) {
  Rule name(String name) {
    return with(name, provider.issuer(), provider.audiences(), provider.jwks());
  }

  Rule issuer(String issuer) {
    return with(provider.name(), issuer, provider.audiences(), provider.jwks());
  }

  Rule audiences(String... audiences) {
    return with(provider.name(), provider.issuer(), List.of(audiences), provider.jwks());
  }

  Rule jwks(String jwks) {
    return with(provider.name(), provider.issuer(), provider.audiences(), jwks);
  }

  Rule header(String name, String prefix) {
    return with(List.of(new HeaderLocation(name, prefix)), provider.fromCookies());
  }

  Rule cookie(String name) {
    return with(provider.fromHeaders(), List.of(name));
  }

  Rule forward() {
    return with(
        true, provider.payloadHeader(), provider.claimHeaders(), provider.spaceDelimitedClaims());
  }

  Rule payload(String header) {
    return with(
        provider.forward(),
        Optional.of(header),
        provider.claimHeaders(),
        provider.spaceDelimitedClaims());
  }

  Rule claim(String header, String claim) {
    Map<String, String> more = new TreeMap<>(provider.claimHeaders());
    more.put(header, claim);
    return with(
        provider.forward(), provider.payloadHeader(), more, provider.spaceDelimitedClaims());
  }

  Rule spaceDelimited(String... claims) {
    return with(
        provider.forward(), provider.payloadHeader(), provider.claimHeaders(), List.of(claims));
  }

  private Rule with(String name, String issuer, List<String> audiences, String jwks) {
    return new Rule(
        new HttpFilter.Provider(
            name,
            issuer,
            audiences,
            jwks,
            provider.fromHeaders(),
            provider.fromParams(),
            provider.fromCookies(),
            provider.forward(),
            provider.payloadHeader(),
            provider.claimHeaders(),
            provider.spaceDelimitedClaims(),
            provider.clockSkew()));
  }

  private Rule with(List<HeaderLocation> headers, List<String> cookies) {
    return new Rule(
        new HttpFilter.Provider(
            provider.name(),
            provider.issuer(),
            provider.audiences(),
            provider.jwks(),
            headers,
            provider.fromParams(),
            cookies,
            provider.forward(),
            provider.payloadHeader(),
            provider.claimHeaders(),
            provider.spaceDelimitedClaims(),
            provider.clockSkew()));
  }

  private Rule with(
      boolean forward,
      Optional<String> payload,
      Map<String, String> claimHeaders,
      List<String> spaceDelimited) {
    return new Rule(
        new HttpFilter.Provider(
            provider.name(),
            provider.issuer(),
            provider.audiences(),
            provider.jwks(),
            provider.fromHeaders(),
            provider.fromParams(),
            provider.fromCookies(),
            forward,
            payload,
            claimHeaders,
            spaceDelimited,
            provider.clockSkew()));
  }
}
