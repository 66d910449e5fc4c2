package io.selvage.control.generate;

import io.selvage.model.RequestAuthentication.JwtRule;

/** The key sets of token issuers, as they are known at this moment. */
@FunctionalInterface
public interface TokenKeys {
  /**
   * The JWK set, as JSON, that tokens of this rule are verified by. When it can't be had, a set
   * that no token verifies against; never an absent one.
   */
  String keysFor(JwtRule rule);
}
