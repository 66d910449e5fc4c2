package io.selvage.it.conformance;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Makes outcomes of HTTP answers: the application's tell what it saw. */
final class Answers {
  private Answers() {}

  static Outcome of(int status, List<Header> headers, byte[] body) {
    Optional<String> applications =
        headers.stream()
            .filter(each -> each.is(Application.ANSWERED))
            .map(Header::value)
            .findFirst();
    return new Outcome.Answered(
        status,
        Optional.of(new String(body, StandardCharsets.ISO_8859_1)),
        applications.map(held -> seen(body.length > 0 ? body : Base64.getDecoder().decode(held))),
        headers.stream().filter(each -> each.is("server")).map(Header::value).findFirst());
  }

  private static Outcome.Seen seen(byte[] body) {
    JsonNode told = JsonMapper.shared().readTree(body);
    List<Header> headers = new ArrayList<>();
    for (JsonNode pair : told.get("headers")) {
      headers.add(new Header(pair.get(0).asString(), pair.get(1).asString()));
    }
    return new Outcome.Seen(
        told.get("method").asString(),
        told.get("target").asString(),
        told.get("host").asString(),
        Optional.of(List.copyOf(headers)));
  }
}
