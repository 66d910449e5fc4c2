package io.selvage.it.kubernetes;

import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Until;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** An application that calls {@code httpbin} through its sidecar. */
final class Caller implements AutoCloseable {
  private final HttpClient http;

  /**
   * Begins.
   *
   * @param proxy port on loopback that leads to its sidecar as HTTP proxy
   */
  Caller(int proxy) {
    this(new InetSocketAddress(RunningMesh.loopback(), proxy));
  }

  /** The same by the address of its sidecar's HTTP proxy. */
  Caller(InetSocketAddress proxy) {
    this.http =
        HttpClient.newBuilder()
            .proxy(ProxySelector.of(proxy))
            .connectTimeout(Duration.ofSeconds(5))
            .build();
  }

  /**
   * The status, and who served it where somebody did: {@code 200 west}. Where nothing came back,
   * why: {@code no answer: ConnectException}, {@code no answer in time: HttpTimeoutException}.
   */
  String call(String path) throws InterruptedException {
    try {
      var answer = http.send(request(path), BodyHandlers.discarding());
      return answer.statusCode()
          + answer.headers().firstValue("x-served-by").map(by -> " " + by).orElse("");
    } catch (IOException e) {
      boolean late = e instanceof HttpTimeoutException;
      return "no answer" + (late ? " in time: " : ": ") + e.getClass().getSimpleName();
    }
  }

  /** The body of an answer. */
  String body(String path) throws IOException, InterruptedException {
    return http.send(request(path), BodyHandlers.ofString()).body();
  }

  private static HttpRequest request(String path) {
    return HttpRequest.newBuilder(URI.create("http://httpbin.sample:8000" + path))
        .timeout(Duration.ofSeconds(5))
        .build();
  }

  /** What calls end with, and how many did so, from before something is done until after it. */
  Map<String, Integer> during(Callable<?> what) throws Exception {
    var outcomes = new TreeMap<String, Integer>();
    var calls = new AtomicInteger();
    var ends = new AtomicBoolean();
    Thread calling =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    while (!ends.get()) {
                      outcomes.merge(call("/ip"), 1, Integer::sum);
                      calls.incrementAndGet();
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    try {
      Until.holds("some calls are made", () -> calls.get() > 10);
      what.call();
      int before = calls.get();
      Until.holds("some calls are made", () -> calls.get() > before + 50);
    } finally {
      ends.set(true);
      calling.join();
    }
    return outcomes;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
