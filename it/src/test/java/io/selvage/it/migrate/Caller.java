package io.selvage.it.migrate;

import io.selvage.it.stage.Until;
import io.selvage.proxy.netns.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A program in a workload's namespace that asks one service again and again, each request on a
 * connection of its own, and remembers every answer that was not the right one.
 */
final class Caller implements AutoCloseable {
  /** How many answers were right since the beginning, of all callers of a kind. */
  static final class Tally {
    final AtomicLong right = new AtomicLong();
    final List<String> wrong = new CopyOnWriteArrayList<>();
  }

  /**
   * A request and what must come of it.
   *
   * @param status 000: no HTTP answer at all
   */
  record Wanted(String path, String status) {}

  private static final long PAUSE = Duration.ofMillis(20).toNanos();

  private final String name;
  private final String host;
  private final NetworkNamespace from;
  private final InetSocketAddress to;
  private final List<Wanted> requests;
  private final Tally tally;
  private final Thread thread;
  private final AtomicLong rounds = new AtomicLong();
  private volatile boolean closed;

  /**
   * Begins.
   *
   * @param host as the program calls it
   */
  Caller(
      String name,
      String host,
      NetworkNamespace from,
      InetSocketAddress to,
      List<Wanted> requests,
      Tally tally) {
    this.name = name;
    this.host = host;
    this.from = from;
    this.to = to;
    this.requests = List.copyOf(requests);
    this.tally = tally;
    this.thread = Thread.ofPlatform().name("caller-" + name).start(this::run);
  }

  private void run() {
    while (!closed) {
      for (Wanted wanted : requests) {
        String seen = status(wanted.path());
        if (seen.startsWith(wanted.status())) {
          tally.right.incrementAndGet();
        } else {
          tally.wrong.add(
              "%s asked %s for %s: %s instead of %s"
                  .formatted(name, to, wanted.path(), seen, wanted.status()));
        }
      }
      rounds.incrementAndGet();
      LockSupport.parkNanos(PAUSE); // a busy caller would run out of ports
    }
  }

  /** Waits until all that is under way has ended, and some more. */
  void passes(String why) throws Exception {
    long before = rounds.get();
    Until.seen(why, rounds::get, now -> now > before + 2);
  }

  /** The status of one request; 000 and the reason when there is no whole answer. */
  String status(String path) {
    try (SocketChannel connection = from.call(SocketChannel::open)) {
      connection.socket().connect(to, 5_000);
      connection.socket().setSoTimeout(10_000);
      connection.write(
          StandardCharsets.US_ASCII.encode(
              "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(path, host)));
      byte[] answer = connection.socket().getInputStream().readNBytes(64 * 1024);
      String text = new String(answer, StandardCharsets.ISO_8859_1);
      if (!text.startsWith("HTTP/1.1 ")) {
        return "000 " + (text.isEmpty() ? "closed" : text);
      }
      int body = text.indexOf("\r\n\r\n");
      return text.substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3)
          + " "
          + text.substring(body < 0 ? text.length() : Math.min(body + 4, text.length())).strip();
    } catch (IOException e) {
      return "000 " + e;
    } catch (Exception e) {
      return "cannot ask: " + e;
    }
  }

  /** Ends after the request that is under way. */
  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
