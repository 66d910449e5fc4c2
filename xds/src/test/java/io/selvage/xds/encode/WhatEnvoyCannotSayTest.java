package io.selvage.xds.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.pki.TrustBundle;
import io.selvage.policy.Authorization;
import io.selvage.policy.Matcher;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.StringMatch;
import io.selvage.xds.Sidecar;
import io.selvage.xds.resource.Secret;
import java.util.List;
import org.junit.jupiter.api.Test;

class WhatEnvoyCannotSayTest {
  @Test
  void aPermissionThatAsksForThePeerIsRefused() {
    assertThatThrownBy(() -> RbacEncoder.permission(new Matcher.PeerAuthenticated()))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining("PeerAuthenticated");
  }

  @Test
  void aPrincipalThatAsksForThePortIsRefused() {
    assertThatThrownBy(() -> RbacEncoder.principal(new Matcher.DestinationPort(1, 2)))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining("DestinationPort");
  }

  @Test
  void aProviderThatIsNotThereIsRefusedUnlessMarkedUnusable() {
    Authorization.Stage.Custom custom =
        new Authorization.Stage.Custom(
            "nobody", new RbacPolicy.RuleSet(RbacPolicy.Action.DENY, List.of()), false);
    assertThatThrownBy(() -> ResourceEncoder.encode(Sidecar.inbound(List.of(custom))))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining("nobody");
  }

  @Test
  void anEmptyTrustBundleIsRefusedSinceEnvoyWouldTrustAnyone() {
    assertThatThrownBy(
            () -> ResourceEncoder.encode(new Secret.Validation("ROOTCA", TrustBundle.empty())))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining("ROOTCA");
  }

  @Test
  void anEmptyDisjunctionMatchesNothing() {
    assertThat(RbacEncoder.permission(new Matcher.Or(List.of())).getNotRule().getAny()).isTrue();
    assertThat(RbacEncoder.principal(new Matcher.And(List.of())).getAny()).isTrue();
  }

  @Test
  void anEmptyPrefixIsRefused() {
    assertThatThrownBy(
            () -> RbacEncoder.permission(new Matcher.Path(new StringMatch.Prefix("", false))))
        .isInstanceOf(EncodingException.class);
  }
}
