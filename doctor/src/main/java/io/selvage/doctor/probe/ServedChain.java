package io.selvage.doctor.probe;

import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Look;
import io.selvage.pki.Fingerprint;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code openssl s_client -showcerts} tells of a handshake, the runbook's own command. */
public final class ServedChain {
  /** What Istio's proxies offer each other. */
  public static final List<String> ALPN = List.of("istio-peer-exchange", "istio");

  /** The command line up to an address with its port. */
  public static final List<String> COMMAND =
      List.of(
          "timeout",
          "5",
          "openssl",
          "s_client",
          "-alpn",
          String.join(",", ALPN),
          "-showcerts",
          "-connect");

  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\\n?");
  private static final Pattern PROTOCOL =
      Pattern.compile("New, (?<protocol>[A-Za-z0-9.]+), Cipher is (?<cipher>\\S+)");
  private static final Pattern CHOSEN = Pattern.compile("(?m)^ALPN protocol: (?<alpn>\\S+)$");

  private ServedChain() {}

  /** The command line. */
  public static List<String> line(String address, int port) {
    List<String> line = new ArrayList<>(COMMAND);
    line.add(address + ":" + port);
    return line;
  }

  /** Reads what it wrote; the server's want of a client certificate is no failure. */
  public static Look<Handshake.Served> of(String out, String err) {
    List<String> chain = new ArrayList<>();
    Matcher certificates = CERTIFICATE.matcher(out);
    String shown = out.contains("\nServer certificate\n") ? before(out) : out;
    certificates.reset(shown);
    while (certificates.find()) {
      chain.add(certificates.group());
    }
    if (chain.isEmpty()) {
      String why = err.strip();
      return Look.unseen(
          "no certificate was served: " + (why.isEmpty() ? out.strip() : why).replace('\n', ' '));
    }
    Matcher protocol = PROTOCOL.matcher(out);
    boolean isKnown = protocol.find();
    Matcher chosen = CHOSEN.matcher(out);
    return Look.seen(
        new Handshake.Served(
            List.copyOf(chain),
            isKnown ? protocol.group("protocol") : "",
            isKnown ? protocol.group("cipher") : "",
            chosen.find() ? chosen.group("alpn") : ""));
  }

  /** The leaf is shown once more behind the chain. */
  private static String before(String out) {
    return out.substring(0, out.indexOf("\nServer certificate\n"));
  }

  /** SHA-256 of the leaf, as XFCC writes it; empty when none was served. */
  public static Optional<String> leafHash(Look<Handshake.Served> served) {
    return served
        .found()
        .flatMap(
            found -> {
              try {
                return Optional.of(
                    Fingerprint.sha256Hex(Pem.certificates(found.chain().getFirst()).getFirst()));
              } catch (PkiException e) {
                return Optional.empty();
              }
            });
  }
}
