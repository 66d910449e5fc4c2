package io.selvage.cli.state;

import io.selvage.xds.admin.AdminEndpoint;
import io.selvage.xds.admin.AdminPage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers other commands' questions about a running mesh, and does what they ask for: JSON over
 * HTTP on loopback, for whoever holds the bearer token.
 */
public final class AdminServer implements AutoCloseable {

  private static final int TOKEN_BYTES = 32;
  private static final int CONFLICT = 409;

  private final AdminEndpoint endpoint;
  private final String token;

  private AdminServer(AdminEndpoint endpoint, String token) {
    this.endpoint = endpoint;
    this.token = token;
  }

  /** Something that a mesh does when it is asked to. */
  @FunctionalInterface
  public interface Action {
    /**
     * Does it.
     *
     * @param rest of the path
     * @param body what came with it
     * @return what came of it
     * @throws IOException when it cannot be done; its message is the answer
     */
    Object on(String rest, String body) throws IOException;
  }

  /** A token that nobody guesses. */
  public static String newToken(SecureRandom random) {
    var bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * Starts to answer on a free port of 127.0.0.1.
   *
   * @param questions by path, such as {@code /v1/status}: from the rest of the path to the answer,
   *     which is empty when there is nothing of that name
   * @param actions likewise, by POST
   */
  public static AdminServer start(
      Map<String, Function<String, Optional<?>>> questions,
      Map<String, Action> actions,
      SecureRandom random)
      throws IOException {
    String token = newToken(random);
    var endpoint =
        AdminEndpoint.at(
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), Optional.of(token));
    questions.forEach(
        (path, question) ->
            endpoint.guardedBelow(
                path,
                request ->
                    question
                        .apply(request.rest())
                        .map(
                            answer ->
                                AdminPage.json(JsonMapper.shared().writeValueAsString(answer)))
                        .orElseGet(
                            () -> AdminPage.text(404, "nothing is known of " + request.rest()))));
    actions.forEach(
        (path, action) ->
            endpoint.actionBelow(path, (request, body) -> done(action, request.rest(), body)));
    return new AdminServer(endpoint.start(), token);
  }

  private static AdminPage done(Action action, String rest, String body) {
    try {
      return AdminPage.json(JsonMapper.shared().writeValueAsString(action.on(rest, body)));
    } catch (IOException e) {
      return AdminPage.text(CONFLICT, String.valueOf(e.getMessage()));
    }
  }

  /** {@code http://127.0.0.1:PORT}. */
  public String url() {
    return endpoint.url();
  }

  /** What a caller must present. */
  public String token() {
    return token;
  }

  @Override
  public void close() {
    endpoint.close();
  }
}
