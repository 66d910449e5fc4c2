package io.selvage.xds.grpc;

import io.selvage.policy.Matcher;
import io.selvage.policy.Reading;
import io.selvage.policy.StringMatch;
import io.selvage.xds.resource.HttpFilter;
import io.selvage.xds.resource.HttpFilter.JwtAuthentication;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * Where a call shows that it brings a token, or claims to have had one checked: the headers, query
 * parameters and cookies of a token check, and the headers that it would have replaced.
 */
final class TokenTraces {
  private TokenTraces() {}

  /** Holds for every call in which the check would have found anything to do. */
  static Matcher of(JwtAuthentication check) {
    var headers = new TreeSet<String>();
    boolean query = false;
    for (HttpFilter.Provider provider : check.providers()) {
      provider.fromHeaders().forEach(location -> headers.add(location.name()));
      provider.payloadHeader().ifPresent(headers::add);
      headers.addAll(provider.claimHeaders().keySet());
      if (!provider.fromCookies().isEmpty()) {
        headers.add("cookie");
      }
      query |= !provider.fromParams().isEmpty();
    }
    List<Matcher> traces = new ArrayList<>();
    for (String header : headers) {
      traces.add(present(header.toLowerCase(Locale.ROOT)));
    }
    if (query) {
      traces.add(new Matcher.Path(new StringMatch.Contains("?", false)));
    }
    return new Matcher.Or(List.copyOf(traces));
  }

  private static Matcher present(String header) {
    return new SayableMatchers()
        .of(new Matcher.Header(header, new StringMatch.Any()), Reading.WIDE);
  }
}
