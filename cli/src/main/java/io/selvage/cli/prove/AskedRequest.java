package io.selvage.cli.prove;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.prove.report.WitnessCommands;
import io.selvage.model.MeshConfig;
import io.selvage.model.PortProtocol;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.RecordedRequest;
import io.selvage.prove.Place;
import io.selvage.prove.Port;
import io.selvage.prove.ProvedWorkload;
import io.selvage.prove.SampleRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request as a user writes it.
 *
 * @param principal a URI; null on plaintext
 * @param text {@code METHOD [HOST]/PATH}, or {@code tcp}
 * @param port null: the first that fits
 * @param headers each {@code NAME:VALUE}
 * @param claims those of a token; a comma parts a list's values; empty: no token
 */
public record AskedRequest(
    @Nullable String principal,
    String text,
    @Nullable Integer port,
    List<String> headers,
    Map<String, String> claims,
    @Nullable String sourceIp,
    @Nullable String remoteIp,
    @Nullable String serverName) {
  private static final Pattern REQUEST =
      Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+) +([^ /?#]*)(/[^ ?#]*)([?#][^ ]*)?");

  public AskedRequest {
    headers = List.copyOf(headers);
    claims = Map.copyOf(claims);
  }

  private boolean isTcp() {
    return text.equalsIgnoreCase("tcp");
  }

  /** The port that is meant, as the protocol that is meant. */
  public Place place(ProvedWorkload workload) {
    Protocol protocol = isTcp() ? Protocol.TCP : Protocol.HTTP;
    Optional<Port> found =
        workload.ports().stream()
            .filter(
                one -> {
                  if (port != null) {
                    return one.number() == port;
                  }
                  return !isDeclared(workload, one) || one.protocol().isHttp() != isTcp();
                })
            .findFirst();
    if (found.isEmpty() && port == null) {
      throw new UserError(
          ExitCode.USAGE,
          "no service declares a port of %s that takes %s; choose one with --port"
              .formatted(workload.qualifiedName(), protocol));
    }
    if (found.isPresent()
        && isDeclared(workload, found.get())
        && found.get().protocol().isHttp() == isTcp()) {
      throw new UserError(
          ExitCode.USAGE,
          "port %d of %s is %s, so the request can't be %s"
              .formatted(
                  found.get().number(),
                  workload.qualifiedName(),
                  found.get().protocol(),
                  protocol));
    }
    int number = found.map(Port::number).orElseGet(() -> port == null ? 0 : port);
    return new Place(workload, found, number, false, protocol);
  }

  private static boolean isDeclared(ProvedWorkload workload, Port port) {
    return workload.declaresProtocols() && port.protocol() != PortProtocol.UNSPECIFIED;
  }

  /** The request to that place; a path is normalised as the proxy does it. */
  public SampleRequest sample(Place place, MeshConfig mesh) {
    Optional<String> caller = Optional.ofNullable(principal);
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    InetAddress source = sourceIp == null ? loopback : address(sourceIp);
    if (isTcp()) {
      return new SampleRequest(
          Protocol.TCP,
          caller,
          source,
          Optional.empty(),
          loopback,
          place.number(),
          Optional.ofNullable(serverName),
          "",
          "",
          "",
          List.of(),
          Optional.empty());
    }
    Matcher parts = REQUEST.matcher(text.strip());
    if (!parts.matches()) {
      throw new UserError(
          ExitCode.USAGE,
          "`%s` is no request: it looks like \"POST /charge\", or tcp".formatted(text));
    }
    String host = parts.group(2).isEmpty() ? WitnessCommands.target(place) : parts.group(2);
    return new SampleRequest(
        Protocol.HTTP,
        caller,
        source,
        Optional.ofNullable(remoteIp).map(AskedRequest::address),
        loopback,
        place.number(),
        Optional.ofNullable(serverName),
        parts.group(1),
        host,
        NormalPath.of(parts.group(3), mesh),
        readHeaders(),
        readClaims());
  }

  private List<RecordedRequest.Header> readHeaders() {
    List<RecordedRequest.Header> read = new ArrayList<>();
    for (String header : headers) {
      int colon = header.indexOf(':');
      if (colon < 1) {
        throw new UserError(ExitCode.USAGE, "`%s` is no header: NAME:VALUE".formatted(header));
      }
      read.add(
          new RecordedRequest.Header(
              header.substring(0, colon), header.substring(colon + 1).strip()));
    }
    return read;
  }

  private Optional<Map<String, Object>> readClaims() {
    if (claims.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Object> read = new LinkedHashMap<>();
    claims.forEach(
        (name, value) ->
            read.put(name, value.contains(",") ? List.of(value.split(",", -1)) : value));
    return Optional.of(read);
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, "`%s` is no IP address".formatted(text));
    }
  }
}
