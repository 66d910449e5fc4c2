package io.selvage.it.cluster;

/**
 * Manifests of the applications that runbooks ask from and ask, {@code sleep} and {@code httpbin}.
 */
public final class Application {
  /** A line of a shell that names what an installation leaves in a cluster. */
  static final String WHAT_IS_INSTALLED =
      """
      kubectl get --context="${CTX}" -o name mutatingwebhookconfigurations,\
      validatingwebhookconfigurations,customresourcedefinitions,clusterroles,\
      clusterrolebindings,clustertrustbundles,namespaces | grep -E 'selvage|istio'
      kubectl get --context="${CTX}" -A -o name configmaps,secrets,roles,rolebindings,\
      leases | grep -E 'selvage|istio'
      """;

  private Application() {}

  /** A namespace with labels, as {@code {a: b}}. */
  public static String namespace(String name, String labels) {
    return """
    apiVersion: v1
    kind: Namespace
    metadata: {name: %s, labels: %s}
    ---
    """
        .formatted(name, labels);
  }

  /** Who asks: its container {@code sleep} has {@code curl}. */
  public static String sleep(String namespace) {
    return deployment(namespace, "sleep", "{}", "command: [sleep, infinity]");
  }

  /** Who is asked: httpbin behind the Service {@code httpbin:8000}, probed by the kubelet. */
  public static String httpbin(String namespace) {
    return httpbin(namespace, "{}");
  }

  /** The same with annotations for its Pods, as {@code {a: b}}. */
  public static String httpbin(String namespace, String annotations) {
    return httpbin(namespace, annotations, "httpbin");
  }

  /**
   * The same.
   *
   * @param annotations for its Pods, as {@code {a: b}}
   * @param name what its answers' {@code X-Served-By} says
   */
  public static String httpbin(String namespace, String annotations, String name) {
    return deployment(
            namespace,
            "httpbin",
            annotations,
            """
            args: [httpbin, --port, "8080", --name, %s]
                    ports: [{containerPort: 8080}]
                    readinessProbe: {httpGet: {path: /status/200, port: 8080}, periodSeconds: 1}
                    livenessProbe: {httpGet: {path: /status/200, port: 8080}, periodSeconds: 2, failureThreshold: 10}\
            """
                .formatted(name))
        + service(namespace);
  }

  /** The Service {@code httpbin:8000} alone. */
  public static String service(String namespace) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: httpbin, namespace: %s, labels: {app: httpbin}}
    spec: {selector: {app: httpbin}, ports: [{name: http, port: 8000, targetPort: 8080}]}
    ---
    """
        .formatted(namespace);
  }

  private static String deployment(
      String namespace, String name, String annotations, String container) {
    return """
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: %2$s, namespace: %1$s}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: %2$s, namespace: %1$s}
    spec:
      selector: {matchLabels: {app: %2$s}}
      template:
        metadata: {labels: {app: %2$s}, annotations: %5$s}
        spec:
          serviceAccountName: %2$s
          terminationGracePeriodSeconds: 1
          containers:
          - name: %2$s
            image: %3$s
            imagePullPolicy: Never
            %4$s
    ---
    """
        .formatted(namespace, name, SelvageImage.NAME, container, annotations);
  }
}
