package io.selvage.cli.mesh;

import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.ca.roots.RootRotation.StepRefused;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Takes a CA from one root to the next without cutting anybody off: every proxy of the mesh trusts
 * the new root before it signs, and every certificate of the cluster is from the new root before
 * the old one is dropped.
 */
final class RootChange {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final CertificateAuthorityService authority;
  private final Runnable distribute;
  private final Waiting waiting;

  /** Waits until something holds. */
  interface Waiting {
    /** Whether it held within the limit. */
    boolean until(BooleanSupplier holds, Duration limit) throws InterruptedException;
  }

  /**
   * @param distribute tells every cluster of the mesh which roots are trusted now
   */
  RootChange(CertificateAuthorityService authority, Runnable distribute, Waiting waiting) {
    this.authority = authority;
    this.distribute = distribute;
    this.waiting = waiting;
  }

  /**
   * All steps.
   *
   * @param everyone the proxies of the whole mesh, by name
   * @param own those whose certificates this authority signs
   * @return a line for each step
   */
  List<String> run(Map<String, Sidecar> everyone, Map<String, Sidecar> own)
      throws IOException, InterruptedException {
    var steps = new ArrayList<String>();
    try {
      TrustBundle both = authority.beginRotation();
      distribute.run();
      steps.add("a new root is made; %d roots are trusted".formatted(both.roots().size()));
      var newest = both.roots().getLast();
      require(
          () -> everyone.values().stream().allMatch(s -> s.trusted().contains(newest)),
          () -> lacking(everyone, newest));
      steps.add("all %d proxies of the mesh trust it".formatted(everyone.size()));
      authority.switchSigning(lacking(everyone, newest));
      var before = fingerprints(own);
      own.values().forEach(Sidecar::renew);
      require(() -> old(own, before).isEmpty(), () -> old(own, before));
      steps.add("it signs; all %d certificates are renewed by it".formatted(own.size()));
      authority.dropOldRoot(Duration.ofDays(1), Optional.of(old(own, before)));
      distribute.run();
      steps.add("the old root is dropped");
      return steps;
    } catch (PkiException | StepRefused e) {
      throw new IOException("the rotation stopped: " + e.getMessage(), e);
    }
  }

  private static Set<String> lacking(Map<String, Sidecar> everyone, X509Certificate root) {
    return everyone.entrySet().stream()
        .filter(entry -> !entry.getValue().trusted().contains(root))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  private static Map<String, String> fingerprints(Map<String, Sidecar> own) {
    var shown = new HashMap<String, String>();
    own.forEach(
        (name, sidecar) ->
            sidecar.certificate().ifPresent(held -> shown.put(name, held.sha256Hex())));
    return shown;
  }

  private static Set<String> old(Map<String, Sidecar> own, Map<String, String> before) {
    var now = fingerprints(own);
    return own.keySet().stream()
        .filter(name -> !now.containsKey(name) || now.get(name).equals(before.get(name)))
        .collect(Collectors.toSet());
  }

  private void require(BooleanSupplier holds, Supplier<Collection<String>> missing)
      throws IOException, InterruptedException {
    if (!waiting.until(holds, LIMIT)) {
      throw new IOException("the rotation stopped: still waiting for " + missing.get());
    }
  }
}
