package io.selvage.control.trust;

import io.selvage.model.MeshConfig;
import io.selvage.model.MeshConfig.CaCertificate;
import io.selvage.model.Problem;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The roots that the mesh's settings add ({@code caCertificates}). Those that name trust domains
 * vouch for these alone; the others for the mesh's own, like its CA's. One that makes no sense is
 * told and left out.
 */
public final class ConfiguredRoots {
  /** A root of the settings that makes no sense. */
  static final String MALFORMED = "SLV7266";

  private static final String FROM = "meshConfig.caCertificates";

  private final TrustBundles trust;
  private List<CaCertificate> last = List.of();
  private String lastDomain = "";
  private volatile List<Problem> problems = List.of();

  /** Adds to these. */
  public ConfiguredRoots(TrustBundles trust) {
    this.trust = trust;
  }

  /** Goes over to other settings. */
  public synchronized void follow(MeshConfig mesh) {
    if (mesh.caCertificates().equals(last) && mesh.trustDomain().equals(lastDomain)) {
      return;
    }
    last = mesh.caCertificates();
    lastDomain = mesh.trustDomain();
    TrustBundle own = TrustBundle.empty();
    Map<String, TrustBundle> federated = new HashMap<>();
    List<Problem> amiss = new ArrayList<>();
    for (int i = 0; i < last.size(); i++) {
      CaCertificate one = last.get(i);
      try {
        TrustBundle roots = TrustBundle.parse(one.pem());
        if (one.trustDomains().isEmpty() || one.trustDomains().contains(mesh.trustDomain())) {
          own = own.withAll(roots.roots());
        }
        for (String domain : one.trustDomains()) {
          if (!domain.equals(mesh.trustDomain())) {
            federated.merge(domain, roots, (is, more) -> is.withAll(more.roots()));
          }
        }
      } catch (PkiException e) {
        amiss.add(
            Problem.error(
                MALFORMED,
                mesh.meta().at(),
                "caCertificates[%d].pem".formatted(i),
                "is no root and is left out: " + e.getMessage()));
      }
    }
    problems = List.copyOf(amiss);
    trust.of(FROM, own);
    trust.federate(FROM, federated);
  }

  /** What makes no sense. */
  public List<Problem> problems() {
    return problems;
  }
}
