package io.selvage.control.generate;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshConfig;
import io.selvage.model.SourceLocation;
import io.selvage.policy.IstioTranslation;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.RuleMemory;
import io.selvage.policy.TranslatedAuthorization;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The translation of Istio's policies that Selvage enforces, and explains by their places. */
public final class IstioPolicies implements PolicyTranslation {
  private final RuleMemory memory = new RuleMemory();

  @Override
  public void retain(Collection<AuthorizationPolicy> policies) {
    memory.retain(policies);
  }

  @Override
  public PolicyTranslation fresh() {
    return new IstioPolicies();
  }

  @Override
  public Translation translate(List<AuthorizationPolicy> policies, MeshConfig mesh, boolean http) {
    TranslatedAuthorization translated =
        IstioTranslation.translate(policies, mesh, http ? Protocol.HTTP : Protocol.TCP, memory);
    Map<String, SourceLocation> origins = new LinkedHashMap<>();
    translated.origins().forEach((id, origin) -> origins.put(id, origin.at()));
    return new Translation(translated.authorization(), origins, translated.problems());
  }
}
