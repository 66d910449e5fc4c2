package io.selvage.proxy.extauthz;

import io.selvage.xds.resource.ExternalAuthorizer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The external authorizers of one connection manager or TCP stack, by provider. */
public final class ExternalAuthorizers {
  /** There are none; whatever policy wants to be asked is refused. */
  public static final ExternalAuthorizers NONE =
      new ExternalAuthorizers(List.of(), _ -> nowhere("there is none"));

  private final Map<String, Authorizer> byProvider;

  /**
   * These authorizers.
   *
   * @param transports the way to a cluster
   */
  public ExternalAuthorizers(
      List<ExternalAuthorizer> configured, Function<String, CheckTransport> transports) {
    this.byProvider =
        configured.stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    ExternalAuthorizer::provider,
                    config -> new Authorizer(config, transports.apply(config.cluster())),
                    (first, _) -> first));
  }

  /** The authorizer of a provider; where none is configured, one that can never be reached. */
  public Authorizer named(String provider) {
    Authorizer known = byProvider.get(provider);
    return known == null ? unknown(provider) : known;
  }

  private static Authorizer unknown(String provider) {
    ExternalAuthorizer config =
        new ExternalAuthorizer(
            provider,
            "unconfigured",
            Duration.ZERO,
            false,
            403,
            Optional.empty(),
            new ExternalAuthorizer.Protocol.Grpc());
    return new Authorizer(config, nowhere("no provider of this name is configured"));
  }

  private static CheckTransport nowhere(String reason) {
    return (_, _, listener) -> {
      listener.failed(reason);
      return () -> {};
    };
  }
}
