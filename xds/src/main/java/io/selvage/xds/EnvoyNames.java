package io.selvage.xds;

/** The names that Envoy and istiod use for filters, transport sockets and metadata. */
public final class EnvoyNames {
  public static final String HTTP_CONNECTION_MANAGER =
      "envoy.filters.network.http_connection_manager";
  public static final String SPIFFE_VALIDATOR = "envoy.tls.cert_validator.spiffe";
  public static final String TCP_PROXY = "envoy.filters.network.tcp_proxy";
  public static final String NETWORK_RBAC = "envoy.filters.network.rbac";
  public static final String NETWORK_EXT_AUTHZ = "envoy.filters.network.ext_authz";
  public static final String HTTP_RBAC = "envoy.filters.http.rbac";
  public static final String HTTP_EXT_AUTHZ = "envoy.filters.http.ext_authz";
  public static final String JWT_AUTHN = "envoy.filters.http.jwt_authn";
  public static final String ROUTER = "envoy.filters.http.router";
  public static final String TLS_INSPECTOR = "envoy.filters.listener.tls_inspector";
  public static final String HTTP_INSPECTOR = "envoy.filters.listener.http_inspector";
  public static final String ORIGINAL_DST = "envoy.filters.listener.original_dst";
  public static final String TLS = "envoy.transport_sockets.tls";
  public static final String RAW_BUFFER = "envoy.transport_sockets.raw_buffer";
  public static final String FILE_ACCESS_LOG = "envoy.access_loggers.file";

  /** Keeps a retry off the endpoints that were tried before. */
  public static final String PREVIOUS_HOSTS = "envoy.retry_host_predicates.previous_hosts";

  /** The static cluster that leads to the agent beside a proxy, which has its secrets. */
  public static final String SDS_CLUSTER = "sds-grpc";

  /** The static cluster by which a proxy reaches its control plane. */
  public static final String XDS_CLUSTER = "xds-grpc";

  /** Key of a cluster's {@code typed_extension_protocol_options}, and the message's name. */
  public static final String HTTP_PROTOCOL_OPTIONS =
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

  /** Endpoint metadata that chooses a cluster's transport socket. */
  public static final String TRANSPORT_SOCKET_MATCH = "envoy.transport_socket_match";

  /** Metadata that istiod gives to clusters and endpoints. */
  public static final String ISTIO = "istio";

  /** Under which key the JWT filter leaves the payload, as istiod configures it. */
  public static final String JWT_PAYLOAD = "payload";

  /** Prefix of the rule ids of CUSTOM policies; then comes the provider and a dash. */
  public static final String CUSTOM_ID = "istio-ext-authz-";

  /** Suffix of rule ids that deny since their CUSTOM provider is missing or bad. */
  public static final String BAD_CUSTOM_ID = "-deny-due-to-bad-CUSTOM-action";

  /** Stat prefix of the shadow rules that decide whether an external authorizer is asked. */
  public static final String CUSTOM_STATS = "istio_ext_authz_";

  /**
   * Client feature of proxies that take the policies of a workload apart from its listeners (by
   * ECDS) and hold connections that are open to new ones. Envoy could take them, but would let TCP
   * connections that are open stay whatever a new policy says.
   */
  public static final String DISCOVERS_AUTHORIZATION = "io.selvage.discovers-authorization";

  /** Where those shadow rules leave the id of the rule that matched. */
  public static final String CUSTOM_MATCHED = CUSTOM_STATS + "shadow_effective_policy_id";

  /** Stat prefix of dry-run ALLOW rules. */
  public static final String DRY_RUN_ALLOW_STATS = "istio_dry_run_allow_";

  /** Stat prefix of dry-run DENY rules. */
  public static final String DRY_RUN_DENY_STATS = "istio_dry_run_deny_";

  /** Istio's access log line, for listeners whose format is left empty. */
  public static final String DEFAULT_LOG_FORMAT =
      "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
          + " %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%"
          + " %CONNECTION_TERMINATION_DETAILS% \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\""
          + " %BYTES_RECEIVED% %BYTES_SENT% %DURATION%"
          + " %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\""
          + " \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\""
          + " \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS%"
          + " %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME%"
          + " %ROUTE_NAME%\n";

  private EnvoyNames() {}

  /** The type URL of a message by its full name. */
  public static String typeUrl(String message) {
    return XdsType.PREFIX + message;
  }
}
