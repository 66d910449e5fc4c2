package io.selvage.control.kubernetes.install;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.control.kubernetes.MeshSettingsMap;
import io.selvage.control.kubernetes.remote.Reader;
import io.selvage.control.kubernetes.remote.RemoteSecrets;
import io.selvage.control.kubernetes.trust.ClusterAuthority;
import io.selvage.control.kubernetes.trust.CommonRoot;
import io.selvage.control.kubernetes.trust.RootCertificateMaps;
import io.selvage.pki.CaProfile;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Several clusters that become one mesh: one root, and each one's API read by the others. All of it
 * can be repeated; what is there already is never replaced.
 */
public final class JoinedClusters {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration READING = Duration.ofSeconds(30);
  private static final int READINESS = 8080;

  private final String namespace;
  private final InstantSource clock;
  private final SecureRandom random;

  /**
   * One of the clusters.
   *
   * @param id in the mesh
   * @param server the address of its API server as the others reach it; empty: as we do
   */
  public record Member(String id, KubernetesClient client, Optional<String> server) {}

  /** How a cluster comes to the root of another. */
  public enum Shared {
    /** It has an intermediate below it now. */
    GIVEN,
    /** It had it already. */
    SHARED,
    /** It doesn't: it is of another trust domain. */
    OTHER_TRUST_DOMAIN
  }

  /** Those with control planes in that namespace. */
  public JoinedClusters(String namespace, InstantSource clock, SecureRandom random) {
    this.namespace = namespace;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Makes the CA of a cluster that has none: before its control plane starts, so that others can
   * have their intermediates.
   *
   * @throws IOException when it has one that can't be used, or its API server refuses
   */
  public void found(Member member) throws IOException {
    try {
      String trustDomain = MeshSettingsMap.read(member.client(), namespace).trustDomain();
      var settings =
          CertificateAuthorityService.Settings.of(new CaProfile.Istiod(trustDomain), trustDomain);
      Optional<ClusterAuthority> opened =
          ClusterAuthority.open(member.client(), namespace, settings, () -> true, clock, random);
      opened.ifPresent(ClusterAuthority::close);
    } catch (KubernetesClientException e) {
      throw new IOException(Planner.words(e), e);
    }
  }

  /**
   * Gives a cluster that has no CA an intermediate of another's.
   *
   * @throws IOException when the two have different roots of one trust domain
   */
  public Shared share(Member first, Member other) throws IOException {
    try {
      String here = MeshSettingsMap.read(first.client(), namespace).trustDomain();
      String there = MeshSettingsMap.read(other.client(), namespace).trustDomain();
      if (!here.equals(there)) {
        return Shared.OTHER_TRUST_DOMAIN;
      }
      var root = new CommonRoot(namespace, here, clock, random);
      return switch (root.share(first.client(), other.client())) {
        case GIVEN -> Shared.GIVEN;
        case SHARED -> Shared.SHARED;
      };
    } catch (KubernetesClientException e) {
      throw new IOException(Planner.words(e), e);
    }
  }

  /** Tells each cluster about each other one. */
  public List<RemoteSecrets.Outcome> exchange(List<Member> members) {
    return new RemoteSecrets(namespace, Reader.SELVAGE, PATIENCE)
        .exchange(
            members.stream()
                .map(each -> new RemoteSecrets.Member(each.id(), each.client(), each.server()))
                .toList());
  }

  /** Whether all of them trust one another's roots, once their control planes run. */
  public Check roots(List<Member> members) {
    List<TrustBundle> all = new ArrayList<>();
    for (Member member : members) {
      Optional<TrustBundle> roots = roots(member);
      if (roots.isEmpty()) {
        return Check.unknown("the roots of %s cannot be read".formatted(member.id()));
      }
      all.add(roots.get());
    }
    List<String> ids = members.stream().map(Member::id).toList();
    boolean common =
        all.stream().allMatch(each -> all.getFirst().roots().stream().allMatch(each::contains));
    return common
        ? Check.passed("%s trust the same root".formatted(String.join(", ", ids)))
        : Check.failed("%s trust different roots".formatted(String.join(", ", ids)));
  }

  /** Whether a cluster's control plane reads all the others, by its own word. */
  public Check reads(Member member, List<Member> all) throws InterruptedException {
    List<String> others =
        all.stream().map(Member::id).filter(id -> !id.equals(member.id())).toList();
    return new NeighbourCheck(
            IssuanceTrial.forwarding(member.client(), namespace, READINESS), READING)
        .check(others);
  }

  private Optional<TrustBundle> roots(Member member) {
    try {
      ConfigMap map =
          member
              .client()
              .configMaps()
              .inNamespace(namespace)
              .withName(RootCertificateMaps.NAME)
              .get();
      String pem = map == null ? null : map.getData().get("root-cert.pem");
      return pem == null ? Optional.empty() : Optional.of(TrustBundle.parse(pem));
    } catch (KubernetesClientException | PkiException e) {
      return Optional.empty();
    }
  }
}
