package io.selvage.cli.rehearsal;

import io.selvage.cli.httpbin.Httpbin;
import io.selvage.cli.mesh.CarriedWorkload;
import io.selvage.cli.mesh.LiveParts;
import io.selvage.cli.mesh.LocalPlanes;
import io.selvage.cli.mesh.MeshPlan;
import io.selvage.cli.workloads.WorkloadSpec;
import io.selvage.control.jwks.AddressRules;
import io.selvage.control.jwks.GuardedFetch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * A mesh of two workloads in this process, on loopback addresses of its own: a CA, a control plane,
 * two proxies and requests through them, allowed and denied. The JVM that makes the AOT cache runs
 * it, so that later ones find classes linked and hot methods profiled (JEP 483, JEP 515).
 */
public final class MeshRehearsal {

  private static final Duration READY = Duration.ofSeconds(30);

  private final ScratchFolder folder;
  private final InstantSource clock;
  private final SecureRandom random;
  private final String network;

  private MeshRehearsal(ScratchFolder folder, InstantSource clock, SecureRandom random) {
    this.folder = folder;
    this.clock = clock;
    this.random = random;
    // 127.0.0.0/8 is wide: a network by process id stays clear of meshes that run at the same time.
    long pid = ProcessHandle.current().pid();
    this.network = "127.%d.%d.".formatted(200 + pid % 50, pid / 50 % 256);
  }

  /**
   * Runs it whole.
   *
   * @return how many requests were answered as the policy has it
   * @throws IOException when a part does not start or a request is not answered as it should be
   */
  public static int run(InstantSource clock, SecureRandom random)
      throws IOException, InterruptedException {
    try (var folder = ScratchFolder.create()) {
      return new MeshRehearsal(folder, clock, random).run();
    }
  }

  private int run() throws IOException, InterruptedException {
    folder.write("mesh/policy.yaml", ScratchFolder.resource("policy.yaml"));
    folder.write("mesh/workloads.yaml", ScratchFolder.resource("workloads.yaml"));
    folder.write("logs/.keep", "");
    var plan = MeshPlan.read("rehearsal", folder.path("mesh"), "local");
    var loopback = InetAddress.ofLiteral("127.0.0.1");
    var parts = new LiveParts(keys(), folder.path("logs"), clock, random);
    try (var web = Httpbin.start(new InetSocketAddress(loopback, 0), "rehearsal");
        var planes = LocalPlanes.start(plan, parts, folder.path("ca"), clock, random, _ -> {})) {
      List<CarriedWorkload> carried = new ArrayList<>();
      for (WorkloadSpec spec : plan.workloads()) {
        var at = carried(spec, web.address(), network + (10 + carried.size()));
        planes.carry(at);
        carried.add(at);
      }
      var waiting = planes.awaitReady(READY);
      if (!waiting.isEmpty()) {
        throw new IOException("not ready after " + READY.toSeconds() + " s: " + waiting);
      }
      var proxy =
          new InetSocketAddress(
              InetAddress.ofLiteral(carried.getLast().address()), CarriedWorkload.HTTP_PROXY_PORT);
      return requests(proxy);
    }
  }

  private CarriedWorkload carried(WorkloadSpec spec, InetSocketAddress web, String address) {
    var runs =
        spec.ports().isEmpty()
            ? spec.runs()
            : (WorkloadSpec.Application) new WorkloadSpec.Listening(web);
    var placed =
        new WorkloadSpec(
            spec.name(),
            spec.namespace(),
            spec.cluster(),
            spec.serviceAccount(),
            spec.labels(),
            runs,
            spec.ports(),
            spec.services(),
            spec.proxy());
    return new CarriedWorkload(
        placed, address, Optional.empty(), Optional.empty(), web.getAddress().getHostAddress());
  }

  private int requests(InetSocketAddress proxy) throws IOException {
    return Requests.through(
        proxy,
        new Requests.Expected(200, "GET", "http://web.default:8000/headers"),
        new Requests.Expected(403, "POST", "http://web.default:8000/anything"));
  }

  private static GuardedFetch keys() {
    try {
      return new GuardedFetch(
          AddressRules.PUBLIC_ONLY, InetAddress::getAllByName, SSLContext.getDefault());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has a default TLS context", e);
    }
  }
}
