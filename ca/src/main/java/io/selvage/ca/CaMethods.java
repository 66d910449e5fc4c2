package io.selvage.ca;

import com.google.protobuf.Message;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.selvage.ca.proto.istio.IstioCertificateRequest;
import io.selvage.ca.proto.istio.IstioCertificateResponse;
import io.selvage.ca.proto.meshca.MeshCertificateRequest;
import io.selvage.ca.proto.meshca.MeshCertificateResponse;

/** The two methods by which certificates are asked for, and the metadata that goes with them. */
public final class CaMethods {
  /** {@code Bearer <token>}; absent when the client certificate speaks for the caller. */
  public static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** Who a trusted gateway says that its client is. */
  public static final Metadata.Key<String> FORWARDED_CLIENT_CERT =
      Metadata.Key.of("x-forwarded-client-cert", Metadata.ASCII_STRING_MARSHALLER);

  /** The cluster that the caller says it runs in. */
  public static final Metadata.Key<String> CLUSTER_ID =
      Metadata.Key.of("ClusterID", Metadata.ASCII_STRING_MARSHALLER);

  /** Istiod's CA API. */
  public static final MethodDescriptor<IstioCertificateRequest, IstioCertificateResponse> ISTIO =
      unary(
          "istio.v1.auth.IstioCertificateService",
          IstioCertificateRequest.getDefaultInstance(),
          IstioCertificateResponse.getDefaultInstance());

  /** The managed mesh CA's API. */
  public static final MethodDescriptor<MeshCertificateRequest, MeshCertificateResponse> MESH =
      unary(
          "google.security.meshca.v1.MeshCertificateService",
          MeshCertificateRequest.getDefaultInstance(),
          MeshCertificateResponse.getDefaultInstance());

  private CaMethods() {}

  private static <Q extends Message, A extends Message> MethodDescriptor<Q, A> unary(
      String service, Q request, A response) {
    return MethodDescriptor.<Q, A>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(service, "CreateCertificate"))
        .setRequestMarshaller(ProtoUtils.marshaller(request))
        .setResponseMarshaller(ProtoUtils.marshaller(response))
        .build();
  }
}
