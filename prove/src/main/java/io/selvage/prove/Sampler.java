package io.selvage.prove;

import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.RecordedRequest;
import io.selvage.prove.atom.Atom;
import io.selvage.prove.diagram.CheapestPath;
import io.selvage.prove.encode.Field;
import io.selvage.prove.encode.Space;
import io.selvage.prove.encode.Variable;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes requests of the values of a {@link Space}, and knows which ones a reader likes to see:
 * callers of the inventory, {@code GET}, short paths, the service's own host, nothing that isn't
 * needed.
 */
final class Sampler {
  private static final InetAddress SOURCE = InetAddress.ofLiteral("10.0.0.1");
  private static final InetAddress DESTINATION = InetAddress.ofLiteral("10.0.0.2");
  private static final List<String> METHODS =
      List.of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS");
  private static final int SYNTHETIC = 20;

  private final Space space;
  private final Place place;
  private final KnownCallers callers;

  Sampler(Space space, Place place, KnownCallers callers) {
    this.space = space;
    this.place = place;
    this.callers = callers;
  }

  /** A request, and what authorizers must answer. */
  record Sample(SampleRequest request, Map<String, Boolean> agreement) {}

  /** The cheapest request of a set that isn't empty. */
  Sample cheapest(int set) {
    return of(new CheapestPath(space.diagrams(), costs()).in(set));
  }

  private int[][] costs() {
    int[][] costs = new int[space.diagrams().levels()][];
    for (Variable variable : space.variables()) {
      int[] sizes = variable.sizes();
      for (int i = 0; i < sizes.length; i++) {
        costs[variable.level() + i] = costs(variable, sizes[i]);
      }
    }
    return costs;
  }

  private int[] costs(Variable variable, int size) {
    int[] costs = new int[size];
    for (int value = 0; value < size; value++) {
      costs[value] = cost(variable, value);
    }
    return costs;
  }

  private int cost(Variable variable, int value) {
    return switch (variable) {
      case Variable.Text text when value == 0 && text.optional() -> 0;
      case Variable.Text text -> textCost(text, value);
      case Variable.Lines _ when value == 0 -> 0;
      case Variable.Lines lines -> {
        List<String> shown = lines.atoms().get(value - 1).value();
        yield 5 * shown.size() + shown.stream().mapToInt(String::length).sum() / 8;
      }
      case Variable.Address _ -> value == 0 ? 0 : 3;
      case Variable.Elements _ -> 2 * value;
      case Variable.Answer _ -> 1 - value;
    };
  }

  private int textCost(Variable.Text text, int value) {
    String shown = shown(text, value);
    return switch (text.field()) {
      case Field.Peer _ -> callers.of(value).isEmpty() ? SYNTHETIC : 1;
      case Field.Method _ -> {
        int known = METHODS.indexOf(shown);
        yield known < 0 ? 10 : known;
      }
      case Field.Path _ -> Math.min(100, shown.length());
      case Field.Host _ -> hosts().contains(shown) ? 0 : 5 + shown.length() / 8;
      case Field.SourceAddress _,
          Field.RemoteAddress _,
          Field.DestinationAddress _,
          Field.ServerName _,
          Field.Authorizer _,
          Field.Header _,
          Field.Issuer _,
          Field.Subject _,
          Field.Claim _ ->
          3;
    };
  }

  /** What clients call, with its port and without. */
  private List<String> hosts() {
    return place
        .port()
        .flatMap(
            port ->
                port.host()
                    .map(
                        host ->
                            port.servicePort() == 80
                                ? List.of(host, host + ":80")
                                : List.of(host + ":" + port.servicePort(), host)))
        .orElse(List.of("%s.%s".formatted(place.workload().name(), place.workload().namespace())));
  }

  private String shown(Variable.Text text, int value) {
    int atom = value - (text.optional() ? 1 : 0);
    String shortest = text.atoms().atoms().get(atom).value();
    return switch (text.field()) {
      case Field.Peer _ -> callers.of(value).isEmpty() ? shortest : callers.of(value).getFirst();
      case Field.Host _ -> preferred(text, atom, hosts(), shortest);
      case Field.Method _ -> preferred(text, atom, METHODS, shortest);
      case Field.Path _,
          Field.SourceAddress _,
          Field.RemoteAddress _,
          Field.DestinationAddress _,
          Field.ServerName _,
          Field.Authorizer _,
          Field.Header _,
          Field.Issuer _,
          Field.Subject _,
          Field.Claim _ ->
          shortest;
    };
  }

  private static String preferred(
      Variable.Text text, int atom, List<String> candidates, String otherwise) {
    return candidates.stream()
        .filter(each -> text.atoms().indexOf(each) == atom)
        .findFirst()
        .orElse(otherwise);
  }

  /** The request that has these values. */
  Sample of(int[] values) {
    boolean http = place.protocol() == Protocol.HTTP;
    String target = http ? text(new Field.Path(), values).orElse("/") : "";
    int query = target.indexOf('?');
    List<RecordedRequest.Header> headers = new ArrayList<>();
    if (looksAtTarget()) {
      headers.add(new RecordedRequest.Header(":path", target));
    }
    Map<String, Boolean> agreement = new HashMap<>();
    for (Variable variable : space.variables()) {
      int value = variable.sizes().length == 0 ? 0 : values[variable.level()];
      if (variable instanceof Variable.Lines lines && value > 0) {
        String name = ((Field.Header) lines.field()).name();
        lines
            .atoms()
            .get(value - 1)
            .value()
            .forEach(line -> headers.add(new RecordedRequest.Header(name, line)));
      } else if (variable instanceof Variable.Answer answer) {
        agreement.put(((Field.Authorizer) answer.field()).provider(), value == 1);
      }
    }
    Addresses addresses = addresses(values);
    return new Sample(
        new SampleRequest(
            place.protocol(),
            text(new Field.Peer(), values),
            addresses.source(),
            http ? addresses.remote() : Optional.empty(),
            address(new Field.DestinationAddress(), values).orElse(DESTINATION),
            place.number(),
            text(new Field.ServerName(), values),
            http ? text(new Field.Method(), values).orElse("GET") : "",
            http ? text(new Field.Host(), values).orElse(hosts().getFirst()) : "",
            query < 0 ? target : target.substring(0, query),
            headers,
            http ? claims(values) : Optional.empty()),
        agreement);
  }

  private boolean looksAtTarget() {
    Variable path = space.variable(new Field.Path());
    return path != null
        && path.tests().stream().anyMatch(io.selvage.prove.atom.FieldTest.Target.class::isInstance);
  }

  private Optional<String> text(Field field, int[] values) {
    if (!(space.variable(field) instanceof Variable.Text text)) {
      return Optional.empty();
    }
    int value = values[text.level()];
    return value == 0 && text.optional() ? Optional.empty() : Optional.of(shown(text, value));
  }

  private record Addresses(InetAddress source, Optional<InetAddress> remote) {}

  /** Without a need, the client is the other end of the connection. */
  private Addresses addresses(int[] values) {
    Optional<InetAddress> source = address(new Field.SourceAddress(), values);
    Optional<InetAddress> remote = address(new Field.RemoteAddress(), values);
    if (remote.isEmpty()) {
      return new Addresses(source.orElse(SOURCE), Optional.empty());
    }
    if (source.isEmpty()) {
      return new Addresses(remote.get(), Optional.empty());
    }
    return new Addresses(source.get(), source.equals(remote) ? Optional.empty() : remote);
  }

  private Optional<InetAddress> address(Field field, int[] values) {
    return space.variable(field) instanceof Variable.Address address
        ? Optional.of(address.atoms().get(values[address.level()]).value())
        : Optional.empty();
  }

  private Optional<Map<String, Object>> claims(int[] values) {
    Optional<String> issuer = text(new Field.Issuer(), values);
    if (issuer.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", issuer.get());
    text(new Field.Subject(), values).ifPresent(subject -> claims.put("sub", subject));
    for (Variable variable : space.variables()) {
      if (variable instanceof Variable.Elements elements) {
        List<String> present = new ArrayList<>();
        List<Atom<String>> atoms = elements.atoms();
        for (int i = 0; i < atoms.size(); i++) {
          if (values[elements.level() + i] == 1) {
            present.add(atoms.get(i).value());
          }
        }
        if (!present.isEmpty()) {
          put(
              claims,
              ((Field.Claim) elements.field()).path(),
              present.size() == 1 ? present.getFirst() : List.copyOf(present));
        }
      }
    }
    return Optional.of(claims);
  }

  /** Puts a value at a path of names, making the maps on the way. */
  private static void put(Map<String, Object> claims, List<String> path, Object value) {
    Map<String, Object> at = claims;
    for (String name : path.subList(0, path.size() - 1)) {
      Map<String, Object> next = map(at.get(name));
      at.put(name, next);
      at = next;
    }
    at.put(path.getLast(), value);
  }

  private static Map<String, Object> map(@Nullable Object value) {
    Map<String, Object> copy = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, each) -> copy.put(String.valueOf(key), each));
    }
    return copy;
  }
}
