package io.selvage.model;

/**
 * The stable codes of what can be wrong in configuration as it is read: 42xx for authorization,
 * 52xx for tokens, 72xx for everything about documents and the other resources.
 */
public final class ProblemCodes {
  private ProblemCodes() {}

  /** An AuthorizationPolicy that Istio's admission would refuse. */
  public static final String POLICY_REFUSED = "SLV4201";

  /** A condition key ({@code when.key}) that does not exist or may not be used here. */
  public static final String CONDITION_KEY = "SLV4202";

  /** A CUSTOM policy whose provider is not among the mesh's extension providers. */
  public static final String UNKNOWN_PROVIDER = "SLV4203";

  /** A policy that is accepted and enforces nothing, or more than it seems to. */
  public static final String POLICY_SURPRISE = "SLV4204";

  /** A PeerAuthentication that Istio's admission would refuse. */
  public static final String PEER_AUTHENTICATION_REFUSED = "SLV4205";

  /** A PeerAuthentication that is ignored because another one decides. */
  public static final String PEER_AUTHENTICATION_IGNORED = "SLV4206";

  /** A RequestAuthentication that Istio's admission would refuse. */
  public static final String REQUEST_AUTHENTICATION_REFUSED = "SLV5201";

  /** Text that is not YAML. */
  public static final String NOT_YAML = "SLV7201";

  /** YAML beyond the reader's limits of size, depth or aliases. */
  public static final String TOO_LARGE = "SLV7202";

  /** A document that is not a Kubernetes object. */
  public static final String NOT_A_RESOURCE = "SLV7203";

  /** A kind of the security group, or a version of it, that does not exist. */
  public static final String UNKNOWN_KIND = "SLV7204";

  /** A field that the API does not have. */
  public static final String UNKNOWN_FIELD = "SLV7205";

  /** A value of the wrong type. */
  public static final String WRONG_TYPE = "SLV7206";

  /** A value outside the allowed ones. */
  public static final String BAD_VALUE = "SLV7207";

  /** A required field that is absent. */
  public static final String MISSING_FIELD = "SLV7208";

  /** Two resources of one kind with one name in one namespace. */
  public static final String DUPLICATE_RESOURCE = "SLV7209";

  /** A kind that is none of the mesh's business. */
  public static final String KIND_IGNORED = "SLV7210";

  /** A field that Istio knows and that is not enforced here. */
  public static final String NOT_ENFORCED = "SLV7211";

  /** A networking or core resource that Istio's or Kubernetes' admission would refuse. */
  public static final String RESOURCE_REFUSED = "SLV7212";

  /** A server of a Gateway of a mode that is not implemented: nothing listens for it. */
  public static final String GATEWAY_SERVER_NOT_IMPLEMENTED = "SLV7270";

  /** A Sidecar that is ignored because another one decides. */
  public static final String SIDECAR_IGNORED = "SLV7273";
}
