package io.selvage.cli.command;

import io.selvage.doctor.probe.ProbeRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code selvage doctor} about requests of its own. */
final class DoctorProbeChoice {
  @Option(
      names = "--probe",
      description =
          "Also send requests, from a private namespace that is removed afterwards: only that"
              + " proves enforcement.")
  private boolean probe;

  @Option(
      names = "--probe-image",
      paramLabel = "IMAGE",
      description = "What the probe's Pods run (default: Selvage's, where the mesh runs it).")
  private @Nullable String image;

  @Option(
      names = "--proxies",
      paramLabel = "N",
      description = "How many proxies are asked for their whole configuration (${DEFAULT-VALUE}).")
  private int proxies = 25;

  @Option(
      names = "--cleanup",
      description = "Only remove what probes left behind that were killed.")
  private boolean cleanup;

  boolean isWanted() {
    return probe || cleanup;
  }

  boolean isCleanup() {
    return cleanup;
  }

  int proxies() {
    return proxies;
  }

  /** How to probe; empty when no request is to be sent. */
  Optional<ProbeRequest> wanted() {
    return probe
        ? Optional.of(
            new ProbeRequest(
                Optional.ofNullable(image),
                ProbeRequest.DEFAULTS.life(),
                ProbeRequest.DEFAULTS.limit(),
                ProbeRequest.DEFAULTS.patience()))
        : Optional.empty();
  }
}
