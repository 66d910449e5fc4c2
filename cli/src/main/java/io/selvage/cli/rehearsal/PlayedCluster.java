package io.selvage.cli.rehearsal;

import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import io.selvage.xds.client.Scheduler;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * What is around a control plane: a Kubernetes API, sidecars that get certificates and listen, and
 * somebody who changes policies and endpoints. It runs in a process of its own, so that the AOT
 * cache of a control plane holds nothing of it; that process and the control plane's talk in lines.
 */
public final class PlayedCluster {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(50);

  /** How long the next change waits for the last at most. */
  private static final Duration PACE = Duration.ofMillis(500);

  private static final int ROUNDS = 60;

  private final ApiServer api;
  private final InstantSource clock;
  private final SecureRandom random;
  private final Semaphore told = new Semaphore(0);
  private final List<PlayedSidecar> sidecars = new ArrayList<>();

  private PlayedCluster(ApiServer api, InstantSource clock, SecureRandom random) {
    this.api = api;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Plays until the other side has heard enough: says where the API is, is told at which port ADS
   * and the CA are, and says how many sidecars were told of the last change.
   *
   * @throws IOException when one is not told of it within a minute
   */
  public static void play(
      BufferedReader from, PrintWriter to, InstantSource clock, SecureRandom random)
      throws IOException, InterruptedException {
    try (var api = ApiServer.start(PlayedObjects.lists(), clock, random)) {
      to.println(api.kubeconfig());
      String port = from.readLine();
      if (port != null) {
        to.println(new PlayedCluster(api, clock, random).play(Integer.parseInt(port)));
        var _ = from.readLine(); // a control plane that ends has something to say to the API
      }
    }
  }

  private int play(int port) throws IOException, InterruptedException {
    var timer = Executors.newSingleThreadScheduledExecutor();
    try {
      var world = new PlayedSidecar.World(port, roots(), Scheduler.on(timer), clock, random, told);
      for (PlayedObjects.Pod pod : PlayedObjects.pods()) {
        sidecars.add(PlayedSidecar.start(pod, world));
      }
      for (int round = 2; round < ROUNDS; round++) {
        told.drainPermits();
        // some are told twice, some of two changes at once: the last change is what is looked for
        var _ = told.tryAcquire(change(round), PACE.toMillis(), TimeUnit.MILLISECONDS);
      }
      api.change(PlayedObjects.POLICIES, ofTheMesh(ROUNDS));
      for (PlayedSidecar sidecar : sidecars) {
        await(
            () -> sidecar.heard("/internal/" + ROUNDS + "/"),
            () -> "a sidecar isn't told of the last change: " + sidecar.state());
      }
      return sidecars.size();
    } finally {
      sidecars.forEach(PlayedSidecar::close);
      timer.shutdownNow();
    }
  }

  private static void await(BooleanSupplier seen, Supplier<String> inVain)
      throws IOException, InterruptedException {
    for (long waited = 0; !seen.getAsBoolean(); waited += LOOK.toMillis()) {
      if (waited > PATIENCE.toMillis()) {
        throw new IOException(inVain.get());
      }
      Thread.sleep(LOOK);
    }
  }

  /** A policy of the mesh, a policy of a service, or an endpoint; how many it reaches. */
  private int change(int round) {
    int service = round % PlayedObjects.SERVICES;
    return switch (round % 3) {
      case 0 -> {
        api.change(PlayedObjects.POLICIES, ofTheMesh(round));
        yield sidecars.size();
      }
      case 1 -> {
        api.change(PlayedObjects.POLICIES, ofAService(round, service));
        yield PlayedObjects.PODS_EACH;
      }
      default -> {
        api.change(PlayedObjects.SLICES, PlayedObjects.slice(service, round, service % 2 == 0));
        yield service % 2 == 0 ? 0 : sidecars.size(); // ready it was before
      }
    };
  }

  private static JsonNode ofTheMesh(int round) {
    return PlayedObjects.policy(
        PlayedObjects.ROOT_NAMESPACE, "everywhere", round, PlayedObjects.denial(round));
  }

  private static JsonNode ofAService(int round, int service) {
    return PlayedObjects.policy(
        PlayedObjects.NAMESPACE,
        "app-" + service,
        round,
        PlayedObjects.own(service).replace("/public/", "/public/" + round + "/"));
  }

  /** As soon as the control plane has put them where Pods find them. */
  private TrustBundle roots() throws IOException, InterruptedException {
    String path =
        "/api/v1/namespaces/%s/configmaps/istio-ca-root-cert".formatted(PlayedObjects.NAMESPACE);
    await(() -> api.written(path).isPresent(), () -> "there is no " + path);
    try {
      return TrustBundle.parse(
          api.written(path).orElseThrow().path("data").path("root-cert.pem").asString(""));
    } catch (PkiException e) {
      throw new IOException(e);
    }
  }
}
