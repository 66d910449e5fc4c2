package io.selvage.it.fault;

import io.selvage.it.stage.OnePlane;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * CA and control plane as a process that can be killed. Arguments: folder, CA's state, where to put
 * invitations, CA's port, ADS port, address of {@code sleep}, address of {@code httpbin}, {@code
 * host:port} of httpbin's program.
 */
final class PlaneProcess {
  private PlaneProcess() {}

  /** Runs until it is killed. */
  public static void main(String[] arguments) throws Exception {
    var plane =
        OnePlane.start(
            Path.of(arguments[0]),
            Path.of(arguments[1]),
            new OnePlane.Ports(Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4])));
    plane.register("sleep", arguments[5], Map.of());
    plane.register("httpbin", arguments[6], Map.of(8000, arguments[7]));
    Path invitations = Path.of(arguments[2]);
    for (String account : new String[] {"sleep", "httpbin"}) {
      var invitation = plane.invite(account);
      Files.writeString(invitations.resolve(account + ".token"), invitation.token());
      Files.writeString(invitations.resolve("roots.pem"), invitation.roots());
    }
    new PrintStream(System.out, true, StandardCharsets.US_ASCII).println("ready");
    new CountDownLatch(1).await();
  }
}
