package io.selvage.doctor;

import io.selvage.doctor.check.AccessChecks;
import io.selvage.doctor.check.AuthorizationChecks;
import io.selvage.doctor.check.CertificateChecks;
import io.selvage.doctor.check.DistributionChecks;
import io.selvage.doctor.check.EdgeChecks;
import io.selvage.doctor.check.InjectionChecks;
import io.selvage.doctor.check.MultiClusterChecks;
import io.selvage.doctor.check.RightsChecks;
import io.selvage.doctor.check.TlsChecks;
import io.selvage.doctor.check.TokenChecks;
import java.util.List;
import java.util.stream.Stream;

/** Every check there is, by code. */
public final class Catalogue {
  private static final List<Check> ALL =
      Stream.of(
              AccessChecks.all(),
              CertificateChecks.all(),
              TlsChecks.all(),
              InjectionChecks.all(),
              AuthorizationChecks.all(),
              TokenChecks.all(),
              RightsChecks.all(),
              DistributionChecks.all(),
              MultiClusterChecks.all(),
              EdgeChecks.all())
          .flatMap(List::stream)
          .toList();

  private Catalogue() {}

  /** All, in the order of their codes. */
  public static List<Check> all() {
    return ALL;
  }
}
