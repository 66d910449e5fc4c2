package io.selvage.doctor.kubernetes;

import io.selvage.doctor.collect.Parallel;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Handshake.Purpose;
import io.selvage.doctor.evidence.Handshake.Target;
import io.selvage.doctor.evidence.Objects;
import io.selvage.doctor.kubernetes.ControlPlanePods.Replica;
import io.selvage.doctor.tls.TlsGreeting;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Greets what serves TLS on a Pod's own ports: webhooks, the control plane's secure port, gateways.
 * Workloads cannot be greeted so: what comes to their loopback goes past their proxies; that takes
 * a probe.
 */
final class HandshakeCollector {
  private static final int WEBHOOK = 15_017;
  private static final int SECURE = 15_012;

  private final PodPages pages;
  private final Parallel parallel;
  private final TlsGreeting greeting;

  HandshakeCollector(PodPages pages, Parallel parallel, TlsGreeting greeting) {
    this.pages = pages;
    this.parallel = parallel;
    this.greeting = greeting;
  }

  private record Wanted(Target target, String serverName, List<String> offered) {}

  /** Greets every replica and every gateway's Pod that runs. */
  List<Handshake> greet(Flavour flavour, List<Replica> replicas, Objects objects) {
    List<Wanted> all = new ArrayList<>();
    for (Replica replica : replicas) {
      if (Selecting.isRunning(replica.pod())) {
        String name = "%s.%s.svc".formatted(replica.revision().service(), flavour.namespace());
        all.add(wanted(Purpose.WEBHOOK, replica.pod(), WEBHOOK, name, List.of("h2", "http/1.1")));
        all.add(wanted(Purpose.CONTROL_PLANE, replica.pod(), SECURE, name, List.of("h2")));
      }
    }
    for (Gateways.TlsPort port : Gateways.tlsPorts(objects)) {
      all.add(
          wanted(
              Purpose.GATEWAY,
              port.pod(),
              port.port(),
              port.serverName(),
              List.of("h2", "http/1.1")));
    }
    return parallel.each(all, this::greeted);
  }

  private static Wanted wanted(
      Purpose purpose, ApiObject pod, int port, String serverName, List<String> offered) {
    return new Wanted(new Target(purpose, pod.namespace(), pod.name(), port), serverName, offered);
  }

  private Handshake greeted(Wanted wanted) {
    Target target = wanted.target();
    return new Handshake(
        target,
        wanted.serverName(),
        wanted.offered(),
        pages.through(
            target.namespace(),
            target.name(),
            target.port(),
            local ->
                greeting.greet(
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), local),
                    wanted.serverName(),
                    wanted.offered())));
  }
}
