package io.selvage.proxy.telemetry;

/** An access log format that can't be used; the message says what to change. */
public final class LogFormatException extends IllegalArgumentException {
  LogFormatException(String message) {
    super(message);
  }
}
