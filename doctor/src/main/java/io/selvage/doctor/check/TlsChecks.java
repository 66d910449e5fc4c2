package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import io.selvage.doctor.check.tls.BadCertificate;
import io.selvage.doctor.check.tls.Bypass;
import io.selvage.doctor.check.tls.ClientSettings;
import io.selvage.doctor.check.tls.DeclaredProtocols;
import io.selvage.doctor.check.tls.EnforcedModes;
import io.selvage.doctor.check.tls.Enforcement;
import io.selvage.doctor.check.tls.PeerShown;
import io.selvage.doctor.check.tls.PlaintextPorts;
import io.selvage.doctor.check.tls.TlsFloor;
import io.selvage.doctor.check.tls.TrafficShare;
import io.selvage.doctor.check.tls.UpstreamFailures;
import java.util.List;

/** Checks of TLS on the wire (SLV20xx). */
public final class TlsChecks {
  private TlsChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of(
        Enforcement.PLAINTEXT_REFUSED,
        Enforcement.IDENTITY_ACCEPTED,
        PlaintextPorts.CHECK,
        ClientSettings.CHECK,
        EnforcedModes.CHECK,
        Bypass.CHECK,
        PeerShown.CHECK,
        PeerShown.FORGED,
        TlsFloor.CHECK,
        TrafficShare.CHECK,
        BadCertificate.CHECK,
        UpstreamFailures.CHECK,
        DeclaredProtocols.CHECK);
  }
}
