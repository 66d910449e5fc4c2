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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a running mesh. */
public final class AdminClient {

  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int ACTION_MILLIS = 60_000;

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

  /**
   * Has the mesh do something.
   *
   * @param path such as {@code /v1/guests/start/east/abc}
   * @param body what goes with it; may be empty
   * @return what came of it
   * @throws IOException with the mesh's own words when it cannot be done
   * @throws UserError when the mesh does not answer
   */
  public JsonNode act(String path, String body) throws IOException {
    var answer = answer(new Call(mesh.admin() + path, mesh.token(), Optional.of(body)));
    if (answer.status() != 200) {
      throw new IOException(answer.text().strip());
    }
    return JsonMapper.shared().readTree(answer.text());
  }

  /** The page at an address of the mesh's own that asks for no token; empty: it has none. */
  public Optional<String> open(String url) {
    return text(url, "");
  }

  private Optional<String> text(String url, String token) {
    var answer = answer(new Call(url, token, Optional.empty()));
    return switch (answer.status()) {
      case 200 -> Optional.of(answer.text());
      case 404 -> Optional.empty();
      default -> throw noAnswer("it answered with status " + answer.status());
    };
  }

  /**
   * What is asked.
   *
   * @param body of a POST; empty: a GET
   */
  private record Call(String url, String token, Optional<String> body) {}

  private record Answered(int status, String text) {}

  private Answered answer(Call call) {
    if (mesh.isolation().mode() == Isolation.Mode.USER_NAMESPACES && !inside()) {
      return askInside(call);
    }
    try {
      // not java.net.http: a command that lives for a moment should not start its threads
      var connection =
          (HttpURLConnection) URI.create(call.url()).toURL().openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(call.body().isPresent() ? ACTION_MILLIS : TIMEOUT_MILLIS);
      connection.setRequestProperty("Authorization", "Bearer " + call.token());
      if (call.body().isPresent()) {
        connection.setDoOutput(true);
        try (var out = connection.getOutputStream()) {
          out.write(call.body().get().getBytes(StandardCharsets.UTF_8));
        }
      }
      int status = connection.getResponseCode();
      try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        return new Answered(
            status, in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw noAnswer(String.valueOf(e.getMessage()));
    }
  }

  private static boolean inside() {
    return System.getenv().containsKey(Isolation.INSIDE_USER_NAMESPACE);
  }

  /** The mesh's loopback is another one than ours: curl goes there, with the token on its input. */
  private Answered askInside(Call call) {
    var line =
        new ArrayList<>(
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
                "\n%{http_code}"));
    call.body().ifPresent(body -> line.addAll(List.of("--data-raw", body)));
    line.add(call.url());
    try {
      var outcome = new ProcessCommands().run(line, "Authorization: Bearer " + call.token() + "\n");
      int end = outcome.out().lastIndexOf('\n');
      String status = outcome.out().substring(end + 1).strip();
      if (!status.matches("[1-5][0-9][0-9]")) {
        throw noAnswer((outcome.err() + " status " + status).strip());
      }
      return new Answered(Integer.parseInt(status), outcome.out().substring(0, end));
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
