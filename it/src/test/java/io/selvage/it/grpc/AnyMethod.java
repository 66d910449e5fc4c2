package io.selvage.it.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Unary methods of texts by whatever name: what a server answers to all, and how one is called. */
public final class AnyMethod {
  /** Methods below this are UNAVAILABLE at the first try. */
  static final String FLAKY = "/it.Flaky/";

  private static final Metadata.Key<String> TRIES =
      Metadata.Key.of("grpc-previous-rpc-attempts", Metadata.ASCII_STRING_MARSHALLER);

  private static final Metadata.Key<String> FORWARDED =
      Metadata.Key.of("x-forwarded-client-cert", Metadata.ASCII_STRING_MARSHALLER);

  private AnyMethod() {}

  /**
   * How a call ended.
   *
   * @param code of the status
   * @param text the answer, or the status' description
   */
  public record Ended(Status.Code code, String text) {
    /** Whether it was answered. */
    public boolean isOk() {
      return code == Status.Code.OK;
    }
  }

  /** A header of a call. */
  public record Header(String name, String value) {
    static Header parse(String text) {
      int equals = text.indexOf('=');
      return new Header(text.substring(0, equals), text.substring(equals + 1));
    }
  }

  static MethodDescriptor<String, String> named(String fullName) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(MethodType.UNARY)
        .setFullMethodName(fullName)
        .setRequestMarshaller(Texts.UTF_8)
        .setResponseMarshaller(Texts.UTF_8)
        .build();
  }

  /** Calls the method of this path and waits for its end. */
  public static Ended call(Channel channel, String path, List<Header> headers) {
    var metadata = new Metadata();
    for (Header header : headers) {
      metadata.put(
          Metadata.Key.of(header.name(), Metadata.ASCII_STRING_MARSHALLER), header.value());
    }
    try {
      String answer =
          ClientCalls.blockingUnaryCall(
              ClientInterceptors.intercept(
                  channel, MetadataUtils.newAttachHeadersInterceptor(metadata)),
              named(path.substring(1)),
              CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS),
              "hello");
      return new Ended(Status.Code.OK, answer);
    } catch (StatusRuntimeException e) {
      return new Ended(e.getStatus().getCode(), String.valueOf(e.getStatus().getDescription()));
    }
  }

  /** Methods of every name; each answers with the server's name, the peer's identity, the path. */
  public static HandlerRegistry registry(String server) {
    return new HandlerRegistry() {
      @Override
      public ServerMethodDefinition<?, ?> lookupMethod(
          String method, @org.jspecify.annotations.Nullable String authority) {
        return ServerMethodDefinition.create(
            named(method), (call, headers) -> answering(server, call, headers));
      }
    };
  }

  private static ServerCall.Listener<String> answering(
      String server, ServerCall<String, String> call, Metadata headers) {
    String path = "/" + call.getMethodDescriptor().getFullMethodName();
    call.request(1);
    return new ServerCall.Listener<>() {
      @Override
      public void onHalfClose() {
        if (path.startsWith(FLAKY) && headers.get(TRIES) == null) {
          call.close(Status.UNAVAILABLE.withDescription("not at the first try"), new Metadata());
          return;
        }
        call.sendHeaders(new Metadata());
        call.sendMessage(String.join(" ", server, peer(call, headers), path));
        call.close(Status.OK, new Metadata());
      }
    };
  }

  /** By TLS, else by what a proxy says. */
  private static String peer(ServerCall<?, ?> call, Metadata headers) {
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    if (session == null) {
      String told = headers.get(FORWARDED);
      return told == null ? "plaintext" : told.substring(told.indexOf("URI=") + 4);
    }
    try {
      var leaf = (X509Certificate) session.getPeerCertificates()[0];
      return leaf.getSubjectAlternativeNames().iterator().next().get(1).toString();
    } catch (SSLPeerUnverifiedException e) {
      return "anonymous";
    } catch (java.security.cert.CertificateParsingException e) {
      throw new IllegalStateException("a verified certificate", e);
    }
  }

  private enum Texts implements MethodDescriptor.Marshaller<String> {
    UTF_8;

    @Override
    public InputStream stream(String text) {
      return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try (stream) {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
