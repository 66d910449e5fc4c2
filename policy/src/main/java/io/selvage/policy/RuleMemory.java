package io.selvage.policy;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.policy.IstioTranslation.Protocol;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rules of policies that were translated before, by identity of the policies. One thread at a
 * time.
 */
public final class RuleMemory {
  private final Map<Protocol, Map<AuthorizationPolicy, TranslatedRules>> known =
      new EnumMap<>(Protocol.class);
  private List<String> names = List.of();
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

  TranslatedRules rules(
      AuthorizationPolicy policy,
      Collection<String> trusted,
      Protocol protocol,
      String idPrefix,
      String idSuffix) {
    List<String> now = List.copyOf(trusted);
    if (!now.equals(names)) {
      names = now;
      trustDomains = new TrustDomains(now);
      known.values().forEach(Map::clear);
    }
    return policy.action() == Action.CUSTOM
        ? TranslatedRules.of(policy, trustDomains, protocol, idPrefix, idSuffix)
        : known
            .getOrDefault(protocol, Map.of())
            .computeIfAbsent(
                policy, of -> TranslatedRules.of(of, trustDomains, protocol, idPrefix, idSuffix));
  }
}
