package io.selvage.proxy.http1;

import io.selvage.proxy.fuzz.FuzzTarget;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What a client of HTTP/1 sends: the same messages however TCP cuts them, read by Netty's codec as
 * by ours, before and after we have written them anew.
 */
public final class RequestsTarget implements FuzzTarget {
  @Override
  public String name() {
    return "http1-requests";
  }

  @Override
  public List<byte[]> seeds() {
    try {
      return AttackTableTest.attacks()
          .map(attack -> attack.get("wire"))
          .map(JsonNode::asString)
          .filter(wire -> wire.length() < 1_000)
          .map(FuzzTarget::bytes)
          .toList();
    } catch (Exception e) { // by the signature of a test's own method
      throw new IllegalStateException(e);
    }
  }

  @Override
  public List<String> words() {
    return List.of(
        "\r\n",
        "\n",
        "\r",
        "\0",
        "\r\n ",
        "\r\n\r\n",
        " HTTP/1.1\r\n",
        " HTTP/1.0\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "Host: ",
        "Content-Length: 5\r\n",
        "Content-Length: 0\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "transfer-encoding:\tchunked\r\n",
        "chunked, chunked",
        "Connection: content-length\r\n",
        "Connection: upgrade\r\n",
        "Upgrade: websocket\r\n",
        "Expect: 100-continue\r\n",
        "0\r\n\r\n",
        "5;a=\"b\"\r\nhello\r\n",
        "ffffffff\r\n",
        "Trailer: x\r\n",
        "http://b/",
        "CONNECT ",
        "OPTIONS * ",
        "%2e%2e/",
        "..;/",
        "\u000b",
        "\u0085",
        "\u00ff");
  }

  @Override
  public void run(byte[] input) throws Exception {
    NettyReading.agrees(input);
    NettyReading.cutsMakeNoDifference(input);
    NettyReading.agreesOnWhatIsForwarded(input);
  }
}
