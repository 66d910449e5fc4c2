package io.selvage.control.kubernetes.identity;

import io.selvage.ca.auth.Authentication;
import io.selvage.ca.auth.Authentication.Refused;
import io.selvage.ca.auth.Authenticator;
import io.selvage.ca.auth.CallerEvidence;
import java.util.Optional;
import java.util.function.Function;

/**
 * Has each caller's token judged by the cluster that the caller says it is in: a token of one
 * cluster proves nothing in the name of another, which has not issued it.
 *
 * @param own id of the control plane's cluster; who says nothing is taken to be in it
 * @param ownTokens judges its tokens
 * @param others who judges the tokens of another cluster, by its id
 */
public record ClusterTokens(
    String own, Authenticator ownTokens, Function<String, Optional<Authenticator>> others)
    implements Authenticator {
  /** The caller names a cluster that is not known here. */
  static final String UNKNOWN_CLUSTER = "SLV7263";

  @Override
  public String name() {
    return ownTokens.name();
  }

  @Override
  public Authentication authenticate(CallerEvidence evidence) {
    String cluster = evidence.cluster().orElse("");
    if (cluster.isEmpty() || cluster.equals(own)) {
      return ownTokens.authenticate(evidence);
    }
    return others
        .apply(cluster)
        .map(judge -> judge.authenticate(evidence))
        .orElseGet(
            () ->
                new Refused(
                    UNKNOWN_CLUSTER,
                    "the caller says that it is in the cluster \"%s\", which is not known here"
                        .formatted(printable(cluster))));
  }

  private static String printable(String text) {
    String clean = text.replaceAll("[^\\x20-\\x7e]", "?");
    return clean.length() > 100 ? clean.substring(0, 100) : clean;
  }
}
