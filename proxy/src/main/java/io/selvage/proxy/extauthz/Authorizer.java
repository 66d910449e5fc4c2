package io.selvage.proxy.extauthz;

import io.netty.channel.EventLoop;
import io.selvage.xds.resource.ExternalAuthorizer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One provider that can be asked. Safe for use by all event loops. */
public final class Authorizer {
  private static final Logger LOG = LoggerFactory.getLogger(Authorizer.class);
  private static final Duration LONGEST = Duration.ofDays(1);

  private final ExternalAuthorizer config;
  private final CheckProtocol protocol;
  private final CheckTransport transport;
  private final AtomicBoolean failing = new AtomicBoolean();

  /**
   * An authorizer.
   *
   * @param transport the way to its cluster
   */
  public Authorizer(ExternalAuthorizer config, CheckTransport transport) {
    this.config = config;
    this.transport = transport;
    this.protocol = protocol(config);
  }

  private static CheckProtocol protocol(ExternalAuthorizer config) {
    return switch (config.protocol()) {
      case ExternalAuthorizer.Protocol.Grpc _ ->
          new GrpcCheck(
              host(config.cluster()),
              config.timeout(),
              config.requestBody().map(ExternalAuthorizer.RequestBody::asBytes).orElse(false));
      case ExternalAuthorizer.Protocol.Http http -> new HttpCheck(http);
    };
  }

  /** A cluster's name has bars, which no authority may have. */
  private static String host(String cluster) {
    return cluster.substring(cluster.lastIndexOf('|') + 1);
  }

  /** How much of a body it is to see; empty: it is asked before the body is read. */
  public Optional<ExternalAuthorizer.RequestBody> requestBody() {
    return config.requestBody();
  }

  /**
   * Asks. For use on {@code loop}, where {@code answered} is called, once, after this method has
   * returned; not at all after {@link Check#cancel}.
   */
  public Check check(CheckInput input, EventLoop loop, Consumer<Verdict> answered) {
    Check check = new Check(loop, protocol, outcome -> answered.accept(resolve(outcome)));
    Duration timeout = config.timeout();
    check.begin(
        input, transport, timeout.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : timeout.toNanos());
    return check;
  }

  private Verdict resolve(CheckOutcome outcome) {
    switch (outcome) {
      case CheckOutcome.Failed(String reason) -> tellFailure(reason);
      case Verdict.Denied denied when denied.details().equals(Verdict.Denied.INVALID) ->
          tellFailure(denied.reason());
      case Verdict.Allowed _, Verdict.Denied _ -> {
        if (failing.get() && failing.compareAndSet(true, false)) {
          LOG.info("SLV4012 authorizer {} answers again", config.provider());
        }
      }
    }
    return outcome.resolve(config);
  }

  /** The first of a row is told loudly; each one is in the access log. */
  private void tellFailure(String reason) {
    if (failing.compareAndSet(false, true)) {
      LOG.warn(
          "SLV4012 authorizer {} (cluster {}): {}; until it answers, requests {}",
          config.provider(),
          config.cluster(),
          reason,
          config.failOpen() ? "pass unasked (failOpen)" : "are refused");
    } else {
      LOG.debug("SLV4012 authorizer {}: {}", config.provider(), reason);
    }
  }
}
