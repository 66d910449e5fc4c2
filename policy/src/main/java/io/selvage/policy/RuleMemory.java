package io.selvage.policy;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.policy.IstioTranslation.Protocol;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The rules of policies that were translated before, by identity of the policies. One thread at a
 * time.
 */
public final class RuleMemory {
  private final Map<Protocol, Map<AuthorizationPolicy, TranslatedRules>> known =
      new EnumMap<>(Protocol.class);
  private TrustDomains trustDomains = new TrustDomains(List.of());

  /** Empty. */
  public RuleMemory() {
    for (Protocol protocol : Protocol.values()) {
      known.put(protocol, new IdentityHashMap<>());
    }
  }

  /** Forgets all other policies. */
  public void retain(Collection<AuthorizationPolicy> policies) {
    Set<AuthorizationPolicy> left = Collections.newSetFromMap(new IdentityHashMap<>());
    left.addAll(policies);
    known.values().forEach(of -> of.keySet().retainAll(left));
  }

  /** Under the policy's own ids, as all actions but CUSTOM have them. */
  TranslatedRules rules(AuthorizationPolicy policy, TrustDomains now, Protocol protocol) {
    if (!now.equals(trustDomains)) {
      known.values().forEach(Map::clear);
      trustDomains = now;
    }
    return Objects.requireNonNull(known.get(protocol))
        .computeIfAbsent(policy, of -> TranslatedRules.of(of, trustDomains, protocol, "", ""));
  }
}
