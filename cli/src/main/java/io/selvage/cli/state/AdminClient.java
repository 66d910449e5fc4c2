package io.selvage.cli.state;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.netns.Isolation;
import io.selvage.cli.netns.ProcessCommands;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a running mesh. */
public final class AdminClient {

  private static final int TIMEOUT_MILLIS = 10_000;

  private final MeshState mesh;

  /** For the mesh that wrote {@code mesh}. */
  public AdminClient(MeshState mesh) {
    this.mesh = mesh;
  }

  /**
   * The answer to the question {@code path}, such as {@code /v1/status}; empty when there is
   * nothing of that name.
   *
   * @throws UserError when the mesh does not answer
   */
  public Optional<JsonNode> ask(String path) {
    String encoded =
        Arrays.stream(path.split("/", -1))
            .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"))
            .collect(Collectors.joining("/"));
    return text(mesh.admin() + encoded, mesh.token()).map(JsonMapper.shared()::readTree);
  }

  /**
   * A page of a cluster's control plane as it stands, such as {@code /metrics}; empty when there is
   * none of that name.
   *
   * @param path with its query
   * @throws UserError when it does not answer
   */
  public Optional<String> page(MeshState.ControlPlane plane, String path) {
    return text(plane.admin() + path, plane.token());
  }

  private Optional<String> text(String url, String token) {
    if (mesh.isolation().mode() == Isolation.Mode.USER_NAMESPACES && !inside()) {
      return askInside(url, token);
    }
    try {
      // not java.net.http: a command that lives for a moment should not start its threads
      var connection = (HttpURLConnection) URI.create(url).toURL().openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      connection.setRequestProperty("Authorization", "Bearer " + token);
      int status = connection.getResponseCode();
      if (status == 404) {
        return Optional.empty();
      }
      if (status != 200) {
        throw noAnswer("it answered with status " + status);
      }
      try (var in = connection.getInputStream()) {
        return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw noAnswer(String.valueOf(e.getMessage()));
    }
  }

  private static boolean inside() {
    return System.getenv().containsKey(Isolation.INSIDE_USER_NAMESPACE);
  }

  /** The mesh's loopback is another one than ours: curl goes there, with the token on its input. */
  private Optional<String> askInside(String url, String token) {
    try {
      var outcome =
          new ProcessCommands()
              .run(
                  List.of(
                      "nsenter",
                      "--target",
                      Long.toString(mesh.pid()),
                      "--user",
                      "--net",
                      "--preserve-credentials",
                      "--",
                      "curl",
                      "-sS",
                      "--noproxy",
                      "*",
                      "-H",
                      "@-",
                      "-w",
                      "\n%{http_code}",
                      url),
                  "Authorization: Bearer " + token + "\n");
      int end = outcome.out().lastIndexOf('\n');
      String status = outcome.out().substring(end + 1).strip();
      return switch (status) {
        case "200" -> Optional.of(outcome.out().substring(0, end));
        case "404" -> Optional.empty();
        default -> throw noAnswer((outcome.err() + " status " + status).strip());
      };
    } catch (IOException e) {
      throw noAnswer(String.valueOf(e.getMessage()));
    }
  }

  private UserError noAnswer(String why) {
    return new UserError(
        ExitCode.NO_ACCESS,
        "mesh `%s` (pid %d) does not answer at %s: %s"
            .formatted(mesh.mesh(), mesh.pid(), mesh.admin(), why));
  }
}
