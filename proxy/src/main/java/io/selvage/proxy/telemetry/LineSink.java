package io.selvage.proxy.telemetry;

/** Where finished lines go. */
@FunctionalInterface
public interface LineSink {
  /** Takes a line with its line end; never blocks, and may drop it. */
  void line(byte[] bytes);
}
