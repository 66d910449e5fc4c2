package io.selvage.it.grpc;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.xds.XdsServerBuilder;
import io.grpc.xds.XdsServerCredentials;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A program with a gRPC server that takes everything from xDS, as its users write it. Arguments:
 * the name that it answers with, and its ports. Ends with its standard input.
 */
public final class GrpcServer {
  private GrpcServer() {}

  /** Serves. */
  public static void main(String[] arguments) throws Exception {
    List<Server> servers = new ArrayList<>();
    for (String port : List.of(arguments).subList(1, arguments.length)) {
      servers.add(
          XdsServerBuilder.forPort(
                  Integer.parseInt(port),
                  XdsServerCredentials.create(InsecureServerCredentials.create()))
              .fallbackHandlerRegistry(AnyMethod.registry(arguments[0]))
              .build()
              .start());
    }
    new PrintStream(System.out, true, StandardCharsets.US_ASCII).println("ready");
    while (System.in.read() >= 0) {
      // until it is closed
    }
    servers.forEach(Server::shutdownNow);
  }
}
