package io.selvage.proxy.http1;

import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The Date header, made once a second. For one event loop: not safe for use by two threads. */
public final class HttpDate {
  private static final DateTimeFormatter IMF_FIXDATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  private final InstantSource clock;
  private long second = Long.MIN_VALUE;
  private HeaderLine line = HeaderLine.of("date", "");

  /** A date by this clock. */
  public HttpDate(InstantSource clock) {
    this.clock = clock;
  }

  /** {@code date: Tue, 15 Nov 1994 08:12:31 GMT}. */
  public HeaderLine line() {
    long now = Math.floorDiv(clock.millis(), 1000L);
    if (now != second) {
      second = now;
      line = HeaderLine.of("date", IMF_FIXDATE.format(clock.instant()));
    }
    return line;
  }
}
