package io.selvage.cli.pod;

import java.util.ArrayList;
import java.util.List;

/**
 * The nftables rules of a Pod's network namespace, IPv4 and IPv6, as text for {@code nft -f -}.
 * What they do is what Istio's iptables rules do, in Istio's order:
 *
 * <ul>
 *   <li>TCP that the application sends goes to {@value #OUTBOUND}, unless it stays on loopback;
 *   <li>TCP that arrives goes to {@value #INBOUND};
 *   <li>the sidecar's own connections pass, known by its user and group. Only what it sends to the
 *       Pod's own address goes to {@value #INBOUND} (an application that calls its own service),
 *       unless it comes from 127.0.0.6 or ::6: that is the sidecar talking to the application.
 * </ul>
 *
 * <p>UDP, and so DNS, is not captured.
 */
public final class PodCaptureRules {
  /** Where the sidecar listens for what the application sends. */
  public static final int OUTBOUND = 15001;

  /** Where it listens for what is sent to the application. */
  public static final int INBOUND = 15006;

  private static final int TUNNEL = 15008;
  private static final String TABLE = "inet selvage_pod";

  private final PodCapture capture;
  private final StringBuilder text = new StringBuilder();

  private PodCaptureRules(PodCapture capture) {
    this.capture = capture;
  }

  /** The whole table, in the place of one that was there before, in one transaction. */
  public static String of(PodCapture capture) {
    PodCaptureRules rules = new PodCaptureRules(capture);
    rules.write();
    return rules.text.toString();
  }

  private void write() {
    line("add table " + TABLE);
    line("delete table " + TABLE);
    line("table " + TABLE + " {");
    chain("prerouting", this::arriving);
    chain("output", this::leaving);
    line("}");
  }

  private void chain(String hook, Runnable rules) {
    line("  chain " + hook + " {");
    line("    type nat hook " + hook + " priority -100; policy accept;");
    rules.run();
    line("  }");
  }

  private void rule(String rule) {
    line("    " + rule);
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  private void arriving() {
    rule("meta l4proto != tcp return");
    for (String name : capture.rerouteInterfaces()) {
      toProxy("iifname \"" + name + "\" ");
      rule("iifname \"" + name + "\" return");
    }
    for (String name : capture.excludeInterfaces()) {
      rule("iifname \"" + name + "\" return");
    }
    rule("iif \"lo\" return");
    rule("tcp dport " + TUNNEL + " return");
    if (capture.includeInboundPorts().isEmpty()) {
      return;
    }
    if (capture.includeInboundPorts().get().isAll()) {
      if (!capture.excludeInboundPorts().isEmpty()) {
        rule("tcp dport " + set(capture.excludeInboundPorts()) + " return");
      }
      rule(redirect("", INBOUND));
    } else {
      rule(redirect("tcp dport " + set(capture.includeInboundPorts().get().some()) + " ", INBOUND));
    }
  }

  private void leaving() {
    rule("meta l4proto != tcp return");
    for (String name : capture.excludeInterfaces()) {
      rule("oifname \"" + name + "\" return");
    }
    if (!capture.excludeOutboundPorts().isEmpty()) {
      rule("tcp dport " + set(capture.excludeOutboundPorts()) + " return");
    }
    rule("oif \"lo\" ip saddr 127.0.0.6 return");
    rule("oif \"lo\" ip6 saddr ::6 return");
    for (String own : List.of("skuid " + capture.user(), "skgid " + capture.group())) {
      rule(
          redirect(
              "oif \"lo\" ip daddr != 127.0.0.1 tcp dport != " + TUNNEL + " meta " + own + " ",
              INBOUND));
      rule(
          redirect(
              "oif \"lo\" ip6 daddr != ::1 tcp dport != " + TUNNEL + " meta " + own + " ",
              INBOUND));
    }
    for (String own : List.of("skuid " + capture.user(), "skgid " + capture.group())) {
      rule("meta " + own + " return");
    }
    if (!capture.includesLoopback()) {
      rule("oif \"lo\" return");
    }
    rule("ip daddr 127.0.0.1 return");
    rule("ip6 daddr ::1 return");
    for (CidrBlock block : capture.excludeOutboundRanges()) {
      rule(block.family() + " daddr " + block + " return");
    }
    if (!capture.includeOutboundPorts().isEmpty()) {
      rule(redirect("tcp dport " + set(capture.includeOutboundPorts()) + " ", OUTBOUND));
    }
    toProxy("");
  }

  private void toProxy(String from) {
    if (capture.includeOutboundRanges().isEmpty()) {
      return;
    }
    if (capture.includeOutboundRanges().get().isAll()) {
      rule(redirect(from, OUTBOUND));
    } else {
      for (CidrBlock block : capture.includeOutboundRanges().get().some()) {
        rule(redirect(from + block.family() + " daddr " + block + " ", OUTBOUND));
      }
    }
  }

  private static String redirect(String match, int port) {
    return match + "meta l4proto tcp redirect to :" + port;
  }

  private static String set(List<Integer> ports) {
    List<String> all = new ArrayList<>();
    ports.stream().sorted().distinct().forEach(port -> all.add(Integer.toString(port)));
    return "{ " + String.join(", ", all) + " }";
  }
}
