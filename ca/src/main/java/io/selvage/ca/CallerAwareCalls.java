package io.selvage.ca;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.selvage.ca.auth.CallerEvidence;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Unary gRPC methods whose handlers see, beside the message, what the caller shows of itself. */
final class CallerAwareCalls {
  private static final Logger log = LoggerFactory.getLogger(CallerAwareCalls.class);

  private CallerAwareCalls() {}

  static <Q, A> ServerServiceDefinition service(
      MethodDescriptor<Q, A> method, BiFunction<Q, CallerEvidence, Answer<A>> handler) {
    return ServerServiceDefinition.builder(String.valueOf(method.getServiceName()))
        .addMethod(
            method,
            (call, headers) ->
                ServerCalls.<Q, A>asyncUnaryCall(
                        (request, observer) ->
                            answer(handler, request, evidence(call, headers), observer))
                    .startCall(call, headers))
        .build();
  }

  private static <Q, A> void answer(
      BiFunction<Q, CallerEvidence, Answer<A>> handler,
      Q request,
      CallerEvidence evidence,
      StreamObserver<A> observer) {
    Answer<A> answer;
    try {
      answer = handler.apply(request, evidence);
    } catch (RuntimeException e) {
      log.error(
          "SLV1024 certificate request of {} failed by a defect of the authority", evidence, e);
      answer =
          new Answer.Failed<>(
              Status.INTERNAL.withDescription("SLV1024 the CA failed; see its log"));
    }
    switch (answer) {
      case Answer.Ready<A>(A message) -> {
        observer.onNext(message);
        observer.onCompleted();
      }
      case Answer.Failed<A>(Status status) -> observer.onError(status.asRuntimeException());
    }
  }

  private static CallerEvidence evidence(ServerCall<?, ?> call, Metadata headers) {
    Attributes attributes = call.getAttributes();
    return new CallerEvidence(
        Optional.ofNullable(headers.get(CaMethods.AUTHORIZATION)),
        Optional.ofNullable(headers.get(CaMethods.FORWARDED_CLIENT_CERT)),
        peerCertificates(attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION)),
        Optional.ofNullable(headers.get(CaMethods.CLUSTER_ID)),
        address(attributes));
  }

  private static Optional<InetAddress> address(Attributes attributes) {
    return attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress socket
        ? Optional.ofNullable(socket.getAddress())
        : Optional.empty();
  }

  private static List<X509Certificate> peerCertificates(
      @org.jspecify.annotations.Nullable SSLSession session) {
    if (session == null) {
      return List.of();
    }
    try {
      List<X509Certificate> chain = new ArrayList<>();
      for (Certificate certificate : session.getPeerCertificates()) {
        chain.add((X509Certificate) certificate);
      }
      return chain;
    } catch (SSLPeerUnverifiedException e) {
      return List.of(); // the client showed none, which is its right: it may have a token
    }
  }
}
