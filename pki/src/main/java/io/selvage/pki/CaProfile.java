package io.selvage.pki;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import javax.security.auth.x500.X500Principal;

/** How an authority names itself and its leaves: the looks of the two CAs that Istio users know. */
public sealed interface CaProfile {
  /** The subject of a root made at that time. */
  X500Principal rootSubject(Instant created);

  /** The subject of an intermediate below such a root. */
  X500Principal intermediateSubject();

  /**
   * The subject of every workload certificate; empty makes the names critical (RFC 5280 4.2.1.6).
   */
  X500Principal leafSubject();

  /**
   * Istiod's self-signed CA: root subject {@code O=<trust domain>}, empty leaf subject.
   *
   * @param trustDomain the mesh's trust domain
   */
  record Istiod(String trustDomain) implements CaProfile {
    @Override
    public X500Principal rootSubject(Instant created) {
      return X500Names.of("O", trustDomain);
    }

    @Override
    public X500Principal intermediateSubject() {
      return X500Names.of("O", trustDomain, "CN", "Intermediate CA");
    }

    @Override
    public X500Principal leafSubject() {
      return new X500Principal("");
    }
  }

  /**
   * Anthos Service Mesh's managed CA: root CN {@code
   * istio_v1_cloud_workload_root-signer-<n>-<date>}, leaf subject from configuration.
   *
   * @param signer the signer's number in the root's name
   * @param leafSubject e.g. {@code OU=istio_v1_cloud_workload,O=Example}
   */
  record MeshCa(int signer, X500Principal leafSubject) implements CaProfile {
    private static final DateTimeFormatter DATE =
        DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssX").withZone(ZoneOffset.UTC);

    /**
     * The profile with a leaf subject given as RFC 2253 text.
     *
     * @throws IllegalArgumentException for text that is no distinguished name
     */
    public static MeshCa of(int signer, String leafSubject) {
      return new MeshCa(signer, new X500Principal(leafSubject));
    }

    @Override
    public X500Principal rootSubject(Instant created) {
      return X500Names.of(
          "CN", "istio_v1_cloud_workload_root-signer-" + signer + "-" + DATE.format(created));
    }

    @Override
    public X500Principal intermediateSubject() {
      return X500Names.of("CN", "istio_v1_cloud_workload_signer-" + signer);
    }
  }
}
