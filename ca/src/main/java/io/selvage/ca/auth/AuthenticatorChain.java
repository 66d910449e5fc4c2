package io.selvage.ca.auth;

import io.selvage.ca.auth.Authentication.Authenticated;
import io.selvage.ca.auth.Authentication.Refused;
import java.util.List;

/**
 * Authenticators asked in order; the first that knows the caller decides. When none does, the
 * refusal holds the reason of each, in Istio's wording.
 *
 * @param authenticators in the order in which they are asked
 */
public record AuthenticatorChain(List<Authenticator> authenticators) implements Authenticator {
  public AuthenticatorChain {
    authenticators = List.copyOf(authenticators);
  }

  @Override
  public String name() {
    return "AuthenticatorChain";
  }

  @Override
  public Authentication authenticate(CallerEvidence evidence) {
    StringBuilder reasons = new StringBuilder("Authentication failed: ");
    String code = "SLV5004";
    for (int i = 0; i < authenticators.size(); i++) {
      Authenticator authenticator = authenticators.get(i);
      switch (authenticator.authenticate(evidence)) {
        case Authenticated known -> {
          return known;
        }
        case Refused refused -> {
          reasons.append(i == 0 ? "" : "; ");
          reasons
              .append("Authenticator ")
              .append(authenticator.name())
              .append(" at index ")
              .append(i);
          reasons
              .append(" got error: ")
              .append(refused.code())
              .append(' ')
              .append(refused.reason());
          code = i == 0 || refused.conclusive() ? refused.code() : code;
          if (refused.conclusive()) {
            return new Refused(code, reasons.toString(), true);
          }
        }
      }
    }
    return new Refused(
        code,
        authenticators.isEmpty() ? reasons + "no authenticator is configured" : reasons.toString());
  }
}
