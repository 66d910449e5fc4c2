package io.selvage.it.grpc;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.xds.XdsChannelCredentials;
import io.selvage.it.grpc.AnyMethod.Header;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A program with a gRPC client that takes everything from xDS, as its users write it. Each line of
 * its standard input is a call: target, path, and headers as {@code name=value}, tabs between; the
 * answer is status code and text.
 */
final class GrpcClient {
  private GrpcClient() {}

  /** Calls. */
  public static void main(String[] arguments) throws Exception {
    Map<String, ManagedChannel> channels = new HashMap<>();
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println("ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      List<String> words = List.of(line.split("\t", -1));
      ManagedChannel channel = channels.computeIfAbsent(words.getFirst(), GrpcClient::channel);
      List<Header> headers = words.subList(2, words.size()).stream().map(Header::parse).toList();
      var ended = AnyMethod.call(channel, words.get(1), headers);
      out.println(ended.code() + "\t" + ended.text().replaceAll("[\t\n]", " "));
    }
    channels.values().forEach(ManagedChannel::shutdownNow);
  }

  private static ManagedChannel channel(String target) {
    return Grpc.newChannelBuilder(
            target, XdsChannelCredentials.create(InsecureChannelCredentials.create()))
        .build();
  }
}
