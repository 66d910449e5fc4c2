package io.selvage.ca;

import com.google.protobuf.Value;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.selvage.ca.CertificateIssuance.Outcome;
import io.selvage.ca.auth.Authentication.Authenticated;
import io.selvage.ca.auth.Authentication.Refused;
import io.selvage.ca.auth.CallerEvidence;
import io.selvage.ca.proto.istio.IstioCertificateRequest;
import io.selvage.ca.proto.istio.IstioCertificateResponse;
import java.time.Duration;

/** {@code istio.v1.auth.IstioCertificateService}: what istio-agent, istio-csr and ztunnel call. */
public final class IstioCertificateService implements BindableService {
  private final CertificateIssuance issuance;

  public IstioCertificateService(CertificateIssuance issuance) {
    this.issuance = issuance;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return CallerAwareCalls.service(CaMethods.ISTIO, this::create);
  }

  private Answer<IstioCertificateResponse> create(
      IstioCertificateRequest request, CallerEvidence evidence) {
    return switch (issuance.authenticate(evidence)) {
      case Refused refused -> new Answer.Failed<>(CertificateIssuance.unauthenticated(refused));
      case Authenticated caller when impersonates(request) ->
          new Answer.Failed<>(
              issuance.refuse(
                  caller,
                  Status.UNAUTHENTICATED.withDescription(
                      "request impersonation authentication failure: SLV5016 "
                          + caller.id()
                          + " may not ask for another's certificate")));
      case Authenticated caller -> answer(caller, request);
    };
  }

  private Answer<IstioCertificateResponse> answer(
      Authenticated caller, IstioCertificateRequest request) {
    return switch (issuance.issue(
        caller, request.getCsr(), seconds(request.getValidityDuration()))) {
      case Outcome.Chain chain ->
          new Answer.Ready<>(
              IstioCertificateResponse.newBuilder().addAllCertChain(chain.pem()).build());
      case Outcome.Failure failure -> new Answer.Failed<>(failure.status());
    };
  }

  /**
   * Node proxies ask in others' names; this authority has no list of trusted nodes, so nobody may.
   */
  private static boolean impersonates(IstioCertificateRequest request) {
    Value impersonated =
        request
            .getMetadata()
            .getFieldsOrDefault("ImpersonatedIdentity", Value.getDefaultInstance());
    return switch (impersonated.getKindCase()) {
      case KIND_NOT_SET, NULL_VALUE -> false;
      case STRING_VALUE -> !impersonated.getStringValue().isEmpty();
      case NUMBER_VALUE, BOOL_VALUE, STRUCT_VALUE, LIST_VALUE -> true;
    };
  }

  /** Any number is a duration here: too long is the authority's to refuse. */
  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(Math.max(seconds, 0));
  }
}
