package io.selvage.control.kubernetes.identity;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import io.selvage.control.kubernetes.source.SeenPod;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a ServiceAccount token is bound to (its claim {@code kubernetes.io}), compared with what is
 * known of the cluster: a token lives no longer than its Pod and its ServiceAccount.
 */
final class BoundObjects {
  private final Objects known;

  /** What is known of the cluster at this moment. */
  public interface Objects {
    /** The Pod; empty when it isn't known, or not yet. */
    Optional<SeenPod> pod(String namespace, String name);

    /** The ServiceAccount's uid; empty when it isn't known, or not yet. */
    Optional<String> accountUid(String namespace, String name);
  }

  /** How it stands with what a token is bound to. */
  enum Standing {
    /** All of it is there. */
    THERE,
    /** Not all of it is known here: it may be gone, or too new. Only the API server can say. */
    UNSURE,
    /** The Pod is another ServiceAccount's. */
    ANOTHER_ACCOUNT
  }

  BoundObjects(Objects known) {
    this.known = known;
  }

  /** Compares the claims of a token whose signature holds. */
  Standing of(JWTClaimsSet claims, String namespace, String account) {
    try {
      Map<String, Object> bound = claims.getJSONObjectClaim("kubernetes.io");
      if (bound == null) {
        return Standing.UNSURE; // a legacy token, or none of Kubernetes
      }
      Reference of = Reference.of(bound, "serviceaccount");
      if (of == null || !of.name().equals(account)) {
        return Standing.UNSURE;
      }
      if (!known.accountUid(namespace, account).filter(of.uid()::equals).isPresent()) {
        return Standing.UNSURE;
      }
      Reference pod = Reference.of(bound, "pod");
      return pod == null ? Standing.THERE : pod(namespace, account, pod);
    } catch (ParseException e) {
      return Standing.UNSURE;
    }
  }

  private Standing pod(String namespace, String account, Reference of) {
    Optional<SeenPod> found =
        known
            .pod(namespace, of.name())
            .filter(pod -> of.uid().equals(pod.getMetadata().getUid()))
            .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null);
    if (found.isEmpty()) {
      return Standing.UNSURE;
    }
    return found.get().account().filter(account::equals).isPresent()
        ? Standing.THERE
        : Standing.ANOTHER_ACCOUNT;
  }

  private record Reference(String name, String uid) {
    static @Nullable Reference of(Map<String, Object> bound, String kind) throws ParseException {
      Map<String, Object> object = JSONObjectUtils.getJSONObject(bound, kind);
      if (object == null) {
        return null;
      }
      String name = JSONObjectUtils.getString(object, "name");
      String uid = JSONObjectUtils.getString(object, "uid");
      return new Reference(name == null ? "" : name, uid == null ? "" : uid);
    }
  }
}
