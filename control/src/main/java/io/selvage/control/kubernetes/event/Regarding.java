package io.selvage.control.kubernetes.event;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import java.util.Optional;

/**
 * The object that an event is about.
 *
 * @param namespace empty for kinds without
 * @param uid empty when it isn't known: the event is shown all the same, but not by {@code kubectl
 *     describe}
 */
public record Regarding(String apiVersion, String kind, String namespace, String name, String uid) {
  /** An object that was read. */
  public static Regarding of(HasMetadata object) {
    ObjectMeta meta = object.getMetadata();
    return new Regarding(
        object.getApiVersion(),
        object.getKind(),
        Optional.ofNullable(meta.getNamespace()).orElse(""),
        meta.getName(),
        Optional.ofNullable(meta.getUid()).orElse(""));
  }

  /** Where the event itself is: that of an object without namespace has to be in default. */
  String home() {
    return namespace.isEmpty() ? "default" : namespace;
  }

  ObjectReference reference() {
    return new ObjectReferenceBuilder()
        .withApiVersion(apiVersion)
        .withKind(kind)
        .withNamespace(namespace.isEmpty() ? null : namespace)
        .withName(name)
        .withUid(uid.isEmpty() ? null : uid)
        .build();
  }
}
