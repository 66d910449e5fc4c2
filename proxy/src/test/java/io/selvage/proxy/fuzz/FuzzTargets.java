package io.selvage.proxy.fuzz;

import io.selvage.proxy.accept.TlsHelloTarget;
import io.selvage.proxy.dns.DnsQueryTarget;
import io.selvage.proxy.extauthz.AuthorizerAnswerTarget;
import io.selvage.proxy.http1.RequestsTarget;
import io.selvage.proxy.http1.ResponsesTarget;
import io.selvage.proxy.jwt.KeySetTarget;
import io.selvage.proxy.jwt.TokenTarget;
import io.selvage.proxy.upstream.Http2Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** All targets. */
public final class FuzzTargets {
  /** What was found once, by target: each is an input that must never fail again. */
  private static final Path FINDINGS = Path.of("src/test/resources/fuzz");

  /** In the order in which they are run. */
  public static final List<FuzzTarget> ALL =
      List.of(
          new TlsHelloTarget(),
          new RequestsTarget(),
          new ResponsesTarget(),
          new Http2Target(true),
          new Http2Target(false),
          new TokenTarget(),
          new KeySetTarget(),
          new AuthorizerAnswerTarget(true),
          new AuthorizerAnswerTarget(false),
          new DnsQueryTarget(),
          new CertificateRequestTarget(),
          new XdsResourceTarget(),
          new AdsServerTarget(),
          new AdsClientTarget(),
          new YamlTarget());

  private FuzzTargets() {}

  static FuzzTarget named(String name) {
    return ALL.stream()
        .filter(target -> target.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no target " + name));
  }

  /** Seeds, and what was found. */
  static List<byte[]> corpus(FuzzTarget target) throws IOException {
    List<byte[]> all = new ArrayList<>(target.seeds());
    Path folder = FINDINGS.resolve(target.name());
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.sorted().toList()) {
          all.add(Files.readAllBytes(file));
        }
      }
    }
    return all;
  }
}
