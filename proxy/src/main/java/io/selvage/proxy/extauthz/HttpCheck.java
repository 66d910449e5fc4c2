package io.selvage.proxy.extauthz;

import com.google.protobuf.ByteString;
import io.selvage.policy.StringMatch;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HeaderLine;
import io.selvage.proxy.http1.KnownHeader;
import io.selvage.xds.resource.ExternalAuthorizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A question in the form of the request itself: same method, path and host, some of its headers.
 * 200 allows, any other status denies, 5xx says that the authorizer has failed.
 */
record HttpCheck(ExternalAuthorizer.Protocol.Http config) implements CheckProtocol {
  private static final String TO_REMOVE = "x-envoy-auth-headers-to-remove";

  /** Sent beside method, path, host and length, whatever is configured. */
  private static final Set<String> ALWAYS_SENT =
      Set.of("authorization", "x-envoy-auth-partial-body");

  /** Shown to the client beside those that are configured. */
  private static final Set<String> ALWAYS_SHOWN = Set.of("www-authenticate", "location");

  // ---- the question

  @Override
  public CheckCall call(CheckInput input) {
    CheckInput.Request request =
        input
            .http()
            .orElseThrow(
                () -> new IllegalArgumentException("an HTTP authorizer can't judge a connection"));
    HeadBuffer head =
        CheckCall.head(request.method(), config.pathPrefix() + request.path(), request.authority());
    for (Map.Entry<String, String> header : request.headers().entrySet()) {
      if (isSent(header.getKey())) {
        head.append(header.getKey(), header.getValue());
      }
    }
    for (ExternalAuthorizer.Header added : config.addedHeaders()) {
      head.set(HeaderLine.of(added.name(), added.value()));
    }
    ByteString body = request.body().map(CheckInput.Body::bytes).orElse(ByteString.EMPTY);
    head.remove(KnownHeader.TRANSFER_ENCODING);
    head.setNumber(KnownHeader.CONTENT_LENGTH, body.size());
    return new CheckCall(false, head, body);
  }

  private boolean isSent(String name) {
    return HeaderRules.isRemovable(name)
        && (ALWAYS_SENT.contains(name) || matches(config.includeHeaders(), name));
  }

  // ---- the answer

  @Override
  public CheckOutcome read(CheckAnswer answer) throws UnusableAnswer {
    HeaderRules.checkCount(answer.headers().size());
    if (answer.status() >= 500) {
      return new CheckOutcome.Failed("the authorizer answered HTTP status " + answer.status());
    }
    return answer.status() == 200 ? allowed(answer) : denied(answer);
  }

  private Verdict allowed(CheckAnswer answer) {
    List<HeaderEdit> request = new ArrayList<>();
    List<HeaderEdit> response = new ArrayList<>();
    List<String> removals = new ArrayList<>();
    for (HeaderLine line : answer.headers()) {
      String name = line.name();
      if (name.equals(TO_REMOVE)) {
        removals.addAll(Arrays.asList(line.value().split(",", -1)));
      } else if (HeaderRules.isRemovable(name)) {
        if (matches(config.toUpstreamOnAllow(), name)) {
          request.add(HeaderEdit.set(line));
        }
        if (matches(config.toDownstreamOnAllow(), name)) {
          response.add(new HeaderEdit(HeaderEdit.Action.ADD, line));
        }
      }
    }
    return new Verdict.Allowed(
        new HeaderEdits(request, HeaderRules.removals(removals)),
        QueryEdits.NONE,
        HeaderEdits.of(response),
        Optional.empty());
  }

  private Verdict denied(CheckAnswer answer) {
    List<HeaderLine> shown =
        answer.headers().stream().filter(line -> isShownOnDeny(line.name())).toList();
    return Verdict.Denied.byAuthorizer(answer.status(), shown, answer.body());
  }

  private boolean isShownOnDeny(String name) {
    return HeaderRules.isRemovable(name)
        && !name.equals(TO_REMOVE)
        && (config.toDownstreamOnDeny().isEmpty()
            || ALWAYS_SHOWN.contains(name)
            || matches(config.toDownstreamOnDeny(), name));
  }

  private static boolean matches(List<StringMatch> patterns, String name) {
    return patterns.stream().anyMatch(pattern -> pattern.matches(name));
  }
}
