package io.selvage.it.grpc;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.xds.XdsServerBuilder;
import io.grpc.xds.XdsServerCredentials;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * A program with a gRPC server that takes everything from xDS, as its users write it. Arguments: its
 * port, and the name that it answers with. Ends with its standard input.
 */
final class GrpcServer {
  private GrpcServer() {}

  /** Serves. */
  public static void main(String[] arguments) throws Exception {
    Server server =
        XdsServerBuilder.forPort(
                Integer.parseInt(arguments[0]),
                XdsServerCredentials.create(InsecureServerCredentials.create()))
            .fallbackHandlerRegistry(AnyMethod.registry(arguments[1]))
            .build()
            .start();
    new PrintStream(System.out, true, StandardCharsets.US_ASCII).println("ready");
    while (System.in.read() >= 0) {
      // until it is closed
    }
    server.shutdownNow();
  }
}
