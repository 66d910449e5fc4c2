package io.selvage.prove;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.EffectivePeerAuthentication;
import io.selvage.model.MeshConfig;
import io.selvage.model.RequestAuthentication;
import io.selvage.policy.Authorization;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.policy.IstioTranslation;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.PathNormalizer;
import io.selvage.policy.TranslatedAuthorization;
import io.selvage.prove.encode.Issuer;
import io.selvage.prove.encode.Meaning;
import io.selvage.prove.encode.Side;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one side enforces on one port for one protocol of callers: as the control plane would tell
 * the workload's proxy.
 *
 * @param spoken the protocol that its proxy sees; empty when it refuses callers of this protocol
 * @param translated of policies of that protocol
 * @param issuers of the tokens that it looks at; none on TCP
 * @param tokenHeaders lower-case names of headers that a token sets
 */
record Enforced(
    Optional<Protocol> spoken,
    TranslatedAuthorization translated,
    EffectivePeerAuthentication peer,
    List<Issuer> issuers,
    Set<String> tokenHeaders,
    PathNormalizer normalizer,
    int port) {

  static final TranslatedAuthorization NOTHING =
      new TranslatedAuthorization(Authorization.NONE, Map.of(), List.of());

  static Enforced of(
      Optional<Protocol> spoken,
      List<AuthorizationPolicy> policies,
      List<RequestAuthentication> tokens,
      MeshConfig mesh,
      EffectivePeerAuthentication peer,
      int port) {
    boolean http = spoken.equals(Optional.of(Protocol.HTTP));
    Set<String> headers = new HashSet<>();
    for (RequestAuthentication each : http ? tokens : List.<RequestAuthentication>of()) {
      for (RequestAuthentication.JwtRule rule : each.jwtRules()) {
        rule.outputPayloadToHeader().ifPresent(name -> headers.add(name.toLowerCase(Locale.ROOT)));
        rule.outputClaimToHeaders()
            .forEach(entry -> headers.add(entry.header().toLowerCase(Locale.ROOT)));
      }
    }
    return new Enforced(
        spoken,
        spoken.isEmpty() ? NOTHING : IstioTranslation.translate(policies, mesh, spoken.get()),
        peer,
        http ? issuers(tokens) : List.of(),
        headers,
        normalizer(mesh),
        port);
  }

  private static List<Issuer> issuers(List<RequestAuthentication> tokens) {
    return tokens.stream()
        .flatMap(each -> each.jwtRules().stream())
        .map(rule -> new Issuer(rule.issuer(), rule.audiences()))
        .toList();
  }

  private static PathNormalizer normalizer(MeshConfig mesh) {
    return switch (mesh.pathNormalization()) {
      case NONE -> PathNormalizer.NONE;
      case BASE -> PathNormalizer.BASE;
      case MERGE_SLASHES -> PathNormalizer.MERGE_SLASHES;
      case DECODE_AND_MERGE_SLASHES -> PathNormalizer.DECODE_AND_MERGE_SLASHES;
    };
  }

  /** In statements. */
  Side side(Meaning meaning) {
    return spoken
        .map(
            protocol ->
                Side.of(
                    translated.authorization(),
                    peer.mode(),
                    issuers,
                    new Meaning.Context(protocol, port, !issuers.isEmpty()),
                    meaning))
        .orElseGet(Side::refusing);
  }

  CompiledAuthorization compiled() {
    return CompiledAuthorization.compile(translated.authorization());
  }
}
