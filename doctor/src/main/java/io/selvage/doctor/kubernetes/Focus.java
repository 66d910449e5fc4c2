package io.selvage.doctor.kubernetes;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Objects;
import io.selvage.doctor.mesh.Owners;
import io.selvage.doctor.probe.Conversation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whose proxies are asked in depth whatever else is: those of both sides of a conversation. */
final class Focus {
  private Focus() {}

  /** The Pods of both sides, as {@code namespace/name}. */
  static Set<String> of(Objects objects, Conversation conversation) {
    return Stream.concat(
            asking(objects, conversation.from()), asked(objects, conversation.to()).stream())
        .map(pod -> pod.namespace() + "/" + pod.name())
        .collect(Collectors.toSet());
  }

  private static Stream<ApiObject> asking(Objects objects, Conversation.Party from) {
    return objects.all(Kind.POD).stream()
        .filter(pod -> pod.namespace().equals(from.namespace()))
        .filter(
            pod ->
                pod.name().equals(from.name())
                    || from.name().equals(pod.labels().get("app"))
                    || Owners.workload(objects, pod)
                        .filter(owner -> owner.name().equals(from.name()))
                        .isPresent());
  }

  private static Set<ApiObject> asked(Objects objects, Conversation.Party to) {
    Map<String, String> selector = new LinkedHashMap<>();
    objects
        .find(Kind.SERVICE, to.namespace(), to.name())
        .ifPresent(
            service ->
                service
                    .at("/spec/selector")
                    .properties()
                    .forEach(one -> selector.put(one.getKey(), one.getValue().asString(""))));
    return selector.isEmpty()
        ? Set.of()
        : objects.all(Kind.POD).stream()
            .filter(pod -> pod.namespace().equals(to.namespace()))
            .filter(pod -> pod.labels().entrySet().containsAll(selector.entrySet()))
            .collect(Collectors.toSet());
  }
}
