package io.selvage.xds.parse;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.selvage.xds.XdsType;
import io.selvage.xds.resource.XdsResource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the resources of a discovery response. Whatever comes, it returns: good resources and
 * problems, never an exception.
 */
public final class ResourceParser {
  /** The largest resource that is read, in bytes: some 100,000 policies. */
  public static final int MAX_BYTES = 64 << 20;

  private static final int MOST_PROBLEMS = 100;

  private ResourceParser() {}

  /** Parses all resources of one response; two of one name are a problem. */
  public static ParseResult parse(XdsType type, List<Any> resources) {
    Map<String, XdsResource> good = new LinkedHashMap<>();
    List<ParseProblem> problems = new ArrayList<>();
    for (int i = 0; i < resources.size(); i++) {
      XdsResource resource = one(type, "#" + i, resources.get(i), problems);
      if (resource != null && good.put(resource.name(), resource) != null) {
        problems.add(
            new ParseProblem(type, At.quote(resource.name()), "", "comes twice in one response"));
      }
    }
    return new ParseResult(type, good, problems);
  }

  /**
   * Parses one resource of a delta response.
   *
   * @param name that it must have: the one that was subscribed to
   */
  public static ParseResult parse(XdsType type, String name, Any any) {
    List<ParseProblem> problems = new ArrayList<>();
    XdsResource resource = one(type, At.quote(name), any, problems);
    if (resource != null && !resource.name().equals(name)) {
      problems.add(
          new ParseProblem(
              type, At.quote(name), "name", "is " + At.quote(resource.name()) + " inside"));
      resource = null;
    }
    return new ParseResult(type, resource == null ? Map.of() : Map.of(name, resource), problems);
  }

  /**
   * What of a message that is no resource is not understood, each as {@code path: reason}.
   *
   * @param message e.g. the bootstrap around static resources
   */
  public static List<String> notUnderstood(Message message) {
    List<String> problems = new ArrayList<>();
    FieldCheck.check(
        message,
        At.root((path, reason) -> problems.add(path.isEmpty() ? reason : path + ": " + reason)));
    return List.copyOf(problems);
  }

  private static @Nullable XdsResource one(
      XdsType type, String label, Any any, List<ParseProblem> problems) {
    if (any.getValue().size() > MAX_BYTES) {
      problems.add(
          new ParseProblem(
              type, label, "", "is of " + any.getValue().size() + " bytes; at most " + MAX_BYTES));
      return null;
    }
    List<ParseProblem> found = new ArrayList<>();
    At at =
        At.root(
            (path, reason) -> {
              if (found.size() < MOST_PROBLEMS) {
                found.add(new ParseProblem(type, label, path, reason));
              }
            });
    XdsResource resource = read(type, any, at);
    String name = Optional.ofNullable(resource).map(XdsResource::name).orElse("");
    if (resource != null && name.isEmpty()) {
      at.field("name").refuse("is empty");
    }
    found.stream()
        .map(
            problem ->
                name.isEmpty()
                    ? problem
                    : new ParseProblem(type, At.quote(name), problem.path(), problem.reason()))
        .forEach(problems::add);
    return found.isEmpty() ? resource : null;
  }

  private static @Nullable XdsResource read(XdsType type, Any any, At at) {
    return switch (type) {
      case LISTENER ->
          ListenerParser.parse(
              at.unpack(any, io.envoyproxy.envoy.config.listener.v3.Listener.getDefaultInstance()),
              at);
      case ROUTES ->
          RouteParser.parse(
              at.unpack(
                  any, io.envoyproxy.envoy.config.route.v3.RouteConfiguration.getDefaultInstance()),
              at);
      case CLUSTER ->
          ClusterParser.parse(
              at.unpack(any, io.envoyproxy.envoy.config.cluster.v3.Cluster.getDefaultInstance()),
              at);
      case ENDPOINTS ->
          EndpointsParser.parse(
              at.unpack(
                  any,
                  io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment
                      .getDefaultInstance()),
              at);
      case EXTENSION ->
          ExtensionParser.parse(
              at.unpack(
                  any,
                  io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig.getDefaultInstance()),
              at);
      case SECRET ->
          SecretParser.parse(
              at.unpack(
                  any,
                  io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret
                      .getDefaultInstance()),
              at);
    };
  }
}
