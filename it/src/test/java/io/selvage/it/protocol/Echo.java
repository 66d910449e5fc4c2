package io.selvage.it.protocol;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/** A gRPC service of texts, with one method of each kind. */
final class Echo {
  static final MethodDescriptor<String, String> UNARY = method("Unary", MethodType.UNARY);
  static final MethodDescriptor<String, String> FAILING = method("Failing", MethodType.UNARY);
  static final MethodDescriptor<String, String> FORBIDDEN = method("Forbidden", MethodType.UNARY);
  static final MethodDescriptor<String, String> COUNT =
      method("Count", MethodType.SERVER_STREAMING);
  static final MethodDescriptor<String, String> CHAT = method("Chat", MethodType.BIDI_STREAMING);

  private Echo() {}

  private static MethodDescriptor<String, String> method(String name, MethodType type) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName("it.Echo", name))
        .setRequestMarshaller(new Texts())
        .setResponseMarshaller(new Texts())
        .build();
  }

  static ServerServiceDefinition service() {
    return ServerServiceDefinition.builder("it.Echo")
        .addMethod(UNARY, ServerCalls.asyncUnaryCall(Echo::once))
        .addMethod(FORBIDDEN, ServerCalls.asyncUnaryCall(Echo::once))
        .addMethod(
            FAILING,
            ServerCalls.asyncUnaryCall(
                (text, answers) ->
                    answers.onError(
                        Status.DATA_LOSS.withDescription("lost: " + text).asException())))
        .addMethod(
            COUNT,
            ServerCalls.asyncServerStreamingCall(
                (text, answers) -> {
                  IntStream.range(0, Integer.parseInt(text))
                      .mapToObj(Integer::toString)
                      .forEach(answers::onNext);
                  answers.onCompleted();
                }))
        .addMethod(CHAT, ServerCalls.asyncBidiStreamingCall(Chat::new))
        .build();
  }

  private static void once(String text, StreamObserver<String> answers) {
    answers.onNext(text);
    answers.onCompleted();
  }

  private record Chat(StreamObserver<String> answers) implements StreamObserver<String> {
    @Override
    public void onNext(String text) {
      answers.onNext("re: " + text);
    }

    @Override
    public void onError(Throwable cause) {
      // the other side is gone
    }

    @Override
    public void onCompleted() {
      answers.onCompleted();
    }
  }

  private static final class Texts implements Marshaller<String> {
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
