package io.selvage.control.kubernetes.migrate;

import static io.selvage.control.kubernetes.inject.InjectionPolicy.ISTIO_NAMESPACE_LABEL;
import static io.selvage.control.kubernetes.inject.InjectionPolicy.POD_LABEL;
import static io.selvage.control.kubernetes.inject.InjectionPolicy.REVISION_LABEL;
import static io.selvage.control.kubernetes.inject.InjectionPolicy.SYSTEM_NAMESPACES;

import io.selvage.control.kubernetes.inject.InjectionSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * About which Pods the API server asks Istio's injectors, all revisions and tags of them: the
 * selectors of the chart {@code istio-discovery}. A namespace with {@code istio.io/rev} of another
 * revision, and without {@code istio-injection}, is shut to all of them, whatever its Pods say; and
 * what a namespace says with {@code selvage.io/injection} none of them knows.
 *
 * @param byDefault whether Pods of namespaces without labels are injected ({@code
 *     enableNamespacesByDefault})
 */
record IstioSelectors(boolean byDefault) {
  /** Why a Pod is heard. */
  enum Heard {
    /** It is not. */
    NOT,
    /** Its namespace's labels. */
    BY_NAMESPACE,
    /** Its own labels, since its namespace's say nothing to Istio. */
    BY_ITSELF
  }

  /** Whether one of them is asked about a Pod with these labels. */
  Heard heard(String namespace, Map<String, String> ofNamespace, Map<String, String> ofPod) {
    if ("false".equals(ofPod.get(POD_LABEL))) {
      return Heard.NOT;
    }
    String injection = ofNamespace.get(ISTIO_NAMESPACE_LABEL);
    if (injection != null) {
      return injection.equals("enabled") ? Heard.BY_NAMESPACE : Heard.NOT;
    }
    String revision = ofNamespace.get(REVISION_LABEL);
    if (revision != null) {
      return revision.equals(InjectionSettings.REVISION) ? Heard.NOT : Heard.BY_NAMESPACE;
    }
    if (!asks(ofPod).isEmpty()) {
      return Heard.BY_ITSELF;
    }
    boolean unlabelled = !ofPod.containsKey(POD_LABEL) && !ofPod.containsKey(REVISION_LABEL);
    return byDefault && unlabelled && !SYSTEM_NAMESPACES.contains(namespace)
        ? Heard.BY_NAMESPACE
        : Heard.NOT;
  }

  /** The labels by which a Pod of a namespace that says nothing asks Istio; none: it does not. */
  static List<String> asks(Map<String, String> ofPod) {
    String revision = ofPod.get(REVISION_LABEL);
    if (InjectionSettings.REVISION.equals(revision) || "false".equals(ofPod.get(POD_LABEL))) {
      return List.of();
    }
    List<String> all = new ArrayList<>();
    if ("true".equals(ofPod.get(POD_LABEL))) {
      all.add(POD_LABEL + "=true");
    }
    if (revision != null) {
      all.add(REVISION_LABEL + "=" + revision);
    }
    return all;
  }
}
