package io.selvage.ca;

import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.selvage.ca.CertificateIssuance.Outcome;
import io.selvage.ca.auth.Authentication.Authenticated;
import io.selvage.ca.auth.Authentication.Refused;
import io.selvage.ca.auth.CallerEvidence;
import io.selvage.ca.proto.meshca.MeshCertificateRequest;
import io.selvage.ca.proto.meshca.MeshCertificateResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;

/**
 * {@code google.security.meshca.v1.MeshCertificateService}: as {@link IstioCertificateService},
 * with a request id whose repeat gets the first answer again.
 */
public final class MeshCertificateService implements BindableService {
  private static final UUID ZERO = new UUID(0, 0);
  private static final long MAX_SECONDS =
      315_576_000_000L; // google.protobuf.Duration: 10,000 years

  private final CertificateIssuance issuance;
  private final RepeatedRequests repeated;

  public MeshCertificateService(CertificateIssuance issuance, InstantSource clock) {
    this.issuance = issuance;
    this.repeated = new RepeatedRequests(clock);
  }

  @Override
  public ServerServiceDefinition bindService() {
    return CallerAwareCalls.service(CaMethods.MESH, this::create);
  }

  Answer<MeshCertificateResponse> create(MeshCertificateRequest request, CallerEvidence evidence) {
    return switch (issuance.authenticate(evidence)) {
      case Refused refused -> new Answer.Failed<>(CertificateIssuance.unauthenticated(refused));
      case Authenticated caller -> answer(caller, request);
    };
  }

  private Answer<MeshCertificateResponse> answer(
      Authenticated caller, MeshCertificateRequest request) {
    Optional<UUID> requestId = uuid(request.getRequestId());
    if (requestId.isEmpty()) {
      return refused(caller, "request_id must be a UUID that is not zero");
    }
    Optional<Duration> ttl = validity(request);
    if (ttl.isEmpty()) {
      return refused(caller, "validity is no duration");
    }
    RepeatedRequests.Key key = new RepeatedRequests.Key(caller.id(), requestId.get());
    return switch (repeated.find(key, request)) {
      case RepeatedRequests.Earlier.Same(MeshCertificateResponse response) -> {
        issuance.repeated(caller);
        yield new Answer.Ready<>(response);
      }
      case RepeatedRequests.Earlier.Different _ ->
          refused(caller, "request_id was used before for another request");
      case RepeatedRequests.Earlier.None _ -> sign(caller, request, ttl.get(), key);
    };
  }

  private Answer<MeshCertificateResponse> sign(
      Authenticated caller,
      MeshCertificateRequest request,
      Duration ttl,
      RepeatedRequests.Key key) {
    return switch (issuance.issue(caller, request.getCsr(), ttl)) {
      case Outcome.Failure failure -> new Answer.Failed<>(failure.status());
      case Outcome.Chain chain ->
          new Answer.Ready<>(
              repeated.remember(
                  key,
                  request,
                  MeshCertificateResponse.newBuilder().addAllCertChain(chain.pem()).build()));
    };
  }

  private Answer<MeshCertificateResponse> refused(Authenticated caller, String why) {
    return new Answer.Failed<>(
        issuance.refuse(caller, Status.INVALID_ARGUMENT.withDescription("SLV1025 " + why)));
  }

  private static Optional<UUID> uuid(String text) {
    try {
      UUID id = UUID.fromString(text);
      return text.length() == 36 && !id.equals(ZERO) ? Optional.of(id) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<Duration> validity(MeshCertificateRequest request) {
    com.google.protobuf.Duration validity = request.getValidity();
    long seconds = validity.getSeconds();
    int nanos = validity.getNanos();
    boolean valid =
        seconds >= -MAX_SECONDS
            && seconds <= MAX_SECONDS
            && nanos > -1_000_000_000
            && nanos < 1_000_000_000
            && (long) Long.signum(seconds) * Integer.signum(nanos) >= 0;
    return valid ? Optional.of(Duration.ofSeconds(seconds, nanos)) : Optional.empty();
  }
}
