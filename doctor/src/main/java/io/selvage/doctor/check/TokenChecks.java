package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import io.selvage.doctor.check.token.AuthenticationFailures;
import io.selvage.doctor.check.token.KeySets;
import io.selvage.doctor.check.token.TokenAudience;
import io.selvage.doctor.check.token.TokenIssuer;
import io.selvage.doctor.check.token.TokenRoundTrip;
import io.selvage.doctor.check.token.TokensNotRequired;
import java.util.List;

/** Checks of workloads' tokens and of users' (SLV50xx). */
public final class TokenChecks {
  private TokenChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of(
        TokenIssuer.check(),
        TokenAudience.check(),
        TokenRoundTrip.check(),
        AuthenticationFailures.check(),
        TokensNotRequired.check(),
        KeySets.check());
  }
}
