package io.selvage.ca;

import io.grpc.Status;

/** What a unary method answers: one message or one status. */
sealed interface Answer<T> {
  record Ready<T>(T message) implements Answer<T> {}

  record Failed<T>(Status status) implements Answer<T> {}
}
