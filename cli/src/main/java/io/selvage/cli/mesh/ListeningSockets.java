package io.selvage.cli.mesh;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The TCP sockets that listen in the network of a process and its descendants, as {@code
 * /proc/PID/net/tcp} and {@code tcp6} list them (proc_pid_net(5)).
 */
final class ListeningSockets {

  private static final String LISTEN = "0A";
  private static final int LOCAL_ADDRESS = 1;
  private static final int STATE = 3;
  private static final int IPV4_DIGITS = 8;

  /** In the kernel's notation, {@code 0100007F:1F40}. */
  private final List<String> locals;

  private ListeningSockets(List<String> locals) {
    this.locals = locals;
  }

  /** Those of now; none where the process is gone. */
  static ListeningSockets of(ProcessHandle process) {
    var lines = new ArrayList<String>();
    Stream.concat(Stream.of(process), process.descendants())
        .forEach(
            one -> {
              Path net = Path.of("/proc", Long.toString(one.pid()), "net");
              lines.addAll(read(net.resolve("tcp")));
              lines.addAll(read(net.resolve("tcp6")));
            });
    return parse(lines);
  }

  /** From the lines of {@code /proc/net/tcp}. */
  static ListeningSockets parse(List<String> lines) {
    return new ListeningSockets(
        lines.stream()
            .map(line -> line.strip().split("\\s+"))
            .filter(fields -> fields.length > STATE && fields[STATE].equals(LISTEN))
            .map(fields -> fields[LOCAL_ADDRESS])
            .toList());
  }

  /** A process that has ended meanwhile has no files any more. */
  private static List<String> read(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }

  /**
   * Whether a connection to {@code port} is taken.
   *
   * @param address the IPv4 address that is called; empty: any will do
   */
  boolean take(Optional<String> address, int port) {
    String end = String.format(Locale.ROOT, ":%04X", port);
    return locals.stream()
        .filter(local -> local.endsWith(end))
        .map(local -> local.substring(0, local.length() - end.length()))
        .anyMatch(local -> address.isEmpty() || isAny(local) || isAt(local, address.get()));
  }

  private static boolean isAny(String local) {
    return local.chars().allMatch(c -> c == '0');
  }

  /** IPv4 as it is, or mapped into IPv6, which a JVM's sockets are. */
  private static boolean isAt(String local, String address) {
    byte[] octets = InetAddress.ofLiteral(address).getAddress();
    var kernel = new byte[] {octets[3], octets[2], octets[1], octets[0]};
    String digits = HexFormat.of().withUpperCase().formatHex(kernel);
    return local.endsWith(digits)
        && (local.length() == IPV4_DIGITS || local.contains("FFFF0000" + digits));
  }
}
