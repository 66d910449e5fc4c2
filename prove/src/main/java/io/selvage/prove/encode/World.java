package io.selvage.prove.encode;

import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.PathNormalizer;
import io.selvage.prove.atom.TextDomain;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which requests there can be at a port.
 *
 * @param identities of callers
 * @param known when present, callers are these alone, and {@code identities} doesn't count
 * @param anonymousTls whether TLS, and so a server name, may come from who shows no certificate
 * @param issuers of the tokens that there can be; none: no request has a token
 * @param also what else is true of every request
 */
public record World(
    Protocol protocol,
    TextDomain identities,
    Optional<Set<String>> known,
    PathNormalizer normalizer,
    boolean anonymousTls,
    Set<String> issuers,
    Formula also) {
  public World {
    issuers = Collections.unmodifiableSet(new TreeSet<>(issuers));
  }
}
