package io.selvage.prove;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.model.AuthorizationPolicy.Rule;
import io.selvage.model.MeshConfig;
import io.selvage.model.ObjectMeta;
import io.selvage.model.Problem;
import io.selvage.model.SourceLocation;
import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.IstioTranslation;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.Reading;
import io.selvage.policy.TranslatedAuthorization;
import io.selvage.prove.encode.Formula;
import io.selvage.prove.encode.Meaning;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Regions as statements: a region is read as the rule of a policy that it looks like. */
final class Regions {
  private final MeshConfig mesh;
  private final Place place;

  Regions(MeshConfig mesh, Place place) {
    this.mesh = mesh;
    this.place = place;
  }

  /** That a request is of the region; never, where the region is about HTTP and the place isn't. */
  Formula of(Region region, Reading reading, Meaning meaning) {
    return of(translated(region, mesh, place.protocol(), Action.ALLOW), reading, meaning);
  }

  /**
   * That a connection may carry a request of the region: what is said of HTTP is left out, as a
   * DENY leaves it out where it sees no requests.
   */
  Formula carrying(Region region, Reading reading, Meaning meaning) {
    return of(translated(region, mesh, place.protocol(), Action.DENY), reading, meaning);
  }

  private Formula of(TranslatedAuthorization translated, Reading reading, Meaning meaning) {
    Meaning.Context context = new Meaning.Context(place.protocol(), place.number(), true);
    List<Formula> any = new ArrayList<>();
    for (Stage stage : translated.authorization().stages()) {
      if (stage instanceof Stage.Rbac(var enforced, _)) {
        enforced.stream()
            .flatMap(set -> set.rules().stream())
            .forEach((RbacPolicy rule) -> any.add(meaning.of(rule, reading, context)));
      }
    }
    return Formula.any(any);
  }

  private static TranslatedAuthorization translated(
      Region region, MeshConfig mesh, Protocol protocol, Action action) {
    Rule rule = new Rule(region.from(), region.operations(), region.when(), SourceLocation.UNKNOWN);
    AuthorizationPolicy policy =
        new AuthorizationPolicy(
            ObjectMeta.of("", "region"),
            Optional.empty(),
            List.of(),
            action,
            Optional.of(List.of(rule)),
            Optional.empty(),
            false);
    return IstioTranslation.translate(List.of(policy), mesh, protocol);
  }

  static Optional<String> fault(Region region, MeshConfig mesh) {
    return translated(region, mesh, Protocol.HTTP, Action.ALLOW).problems().stream()
        .map(Problem::message)
        .findFirst();
  }

  static boolean looksAtTokens(Formula formula) {
    boolean[] looks = {false};
    formula.visit((field, _) -> looks[0] |= field.isOfToken(), _ -> {});
    return looks[0];
  }
}
