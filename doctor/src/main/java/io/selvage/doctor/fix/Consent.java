package io.selvage.doctor.fix;

import io.selvage.doctor.FixClass;
import java.util.Optional;
import java.util.Set;

/**
 * What the user said yes to.
 *
 * @param codes those named in {@code --fix=CODE}; empty: a bare {@code --fix}
 */
public record Consent(Set<String> codes) {
  /** A bare {@code --fix}: only what is safe and reversible. */
  public static final Consent SAFE_ONLY = new Consent(Set.of());

  public Consent {
    codes = Set.copyOf(codes);
  }

  /** Why a plan is not carried out; empty when the user said yes to it. */
  Optional<String> refusal(FixPlan plan) {
    boolean isNamed = codes.contains(plan.code());
    return switch (plan.needs()) {
      case SAFE -> codes.isEmpty() || isNamed ? Optional.empty() : Optional.of("not asked for");
      case CONSENTED ->
          isNamed
              ? Optional.empty()
              : Optional.of(
                  "it alters traffic or security: ask for it by name, --fix=" + plan.code());
      case PRINTED, EXPLAINED -> Optional.of("it is yours to do");
    };
  }

  /** Whether a check's findings may be mended at all under it. */
  public boolean covers(String code, FixClass declared) {
    return codes.contains(code) || (codes.isEmpty() && declared == FixClass.SAFE);
  }
}
