package io.selvage.control.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.selvage.model.Problem;
import io.selvage.model.SourceLocation;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares this control plane's clock with that of the API server, by the {@code Date} of its
 * answers (RFC 9110 6.6.1): tokens are written by the one clock and judged by the other, and
 * certificates the other way round. Which of the two is right cannot be known here.
 */
final class ServerClock implements AutoCloseable {
  /** The clocks differ by more than certificates and tokens allow for. */
  static final String DIFFERS = "SLV7224";

  /** A certificate is valid two minutes before it is made; half of that is noticed. */
  private static final Duration TOLERANCE = Duration.ofMinutes(1);

  private static final long EVERY_SECONDS = 30;
  private static final Logger LOG = LoggerFactory.getLogger(ServerClock.class);

  private final KubernetesClient client;
  private final InstantSource clock;
  private final ScheduledExecutorService looks =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("selvage-clock").factory());
  private volatile List<Problem> problems = List.of();

  /** Looks now and again until it is closed. */
  ServerClock(KubernetesClient client, InstantSource clock) {
    this.client = client;
    this.clock = clock;
    var _ = looks.scheduleWithFixedDelay(this::look, 0, EVERY_SECONDS, TimeUnit.SECONDS);
  }

  /** That the clocks differ, while they do. */
  List<Problem> problems() {
    return problems;
  }

  private void look() {
    HttpRequest version =
        client
            .getHttpClient()
            .newHttpRequestBuilder()
            .uri(client.getMasterUrl().toString().replaceAll("/$", "") + "/version")
            .build();
    Instant asked = clock.instant();
    try {
      HttpResponse<String> answer = client.getHttpClient().sendAsync(version, String.class).join();
      Optional.ofNullable(answer.header("Date"))
          .map(ServerClock::instant)
          .ifPresent(date -> compare(asked, date, clock.instant()));
    } catch (CompletionException | DateTimeException e) {
      LOG.debug("the API server's clock is not known this time: {}", e.getMessage());
    }
  }

  private static Instant instant(String date) {
    return ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
  }

  private void compare(Instant asked, Instant date, Instant answered) {
    Duration ahead = ahead(asked, date, answered);
    List<Problem> now =
        ahead.abs().compareTo(TOLERANCE) > 0 ? List.of(differs(ahead, date)) : List.of();
    if (now.isEmpty() != problems.isEmpty()) {
      now.forEach(problem -> LOG.warn("{} {}", DIFFERS, problem.message()));
      if (now.isEmpty()) {
        LOG.info("the clock is the API server's again");
      }
    }
    problems = now;
  }

  /**
   * By how much the own clock is ahead of a server's at least; negative: behind it.
   *
   * @param date what the server's said, in whole seconds, at some moment between the other two
   */
  static Duration ahead(Instant asked, Instant date, Instant answered) {
    Instant latest = date.plusSeconds(1);
    if (asked.isAfter(latest)) {
      return Duration.between(latest, asked);
    }
    return answered.isBefore(date) ? Duration.between(date, answered) : Duration.ZERO;
  }

  private Problem differs(Duration ahead, Instant date) {
    return Problem.warning(
        DIFFERS,
        new SourceLocation("clock", 0, 0),
        "",
        ("this control plane's clock is %d s %s the API server's (%s here, %s there): tokens and certificates are taken"
                + " for expired or not valid yet. Set the clock of the node that is wrong")
            .formatted(
                ahead.abs().toSeconds(),
                ahead.isNegative() ? "behind" : "ahead of",
                clock.instant().truncatedTo(ChronoUnit.SECONDS),
                date));
  }

  @Override
  public void close() {
    looks.shutdownNow();
  }
}
