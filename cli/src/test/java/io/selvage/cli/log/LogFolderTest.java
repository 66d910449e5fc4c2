package io.selvage.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.log.LogFolder.Part;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;

class LogFolderTest {

  private static final InstantSource NOON =
      InstantSource.fixed(Instant.parse("2026-03-01T12:00:00.123456Z"));

  @TempDir private Path folder;

  private static void write(LogOutput log, String text) throws IOException {
    log.write(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void eachPartHasItsFile() throws IOException {
    try (var logs = LogFolder.open(folder.resolve("logs"), NOON)) {
      logs.line("io.selvage.control.ControlPlane", Level.INFO, "taken");
      logs.line("io.selvage.ca.roots.FileCaStore", Level.WARN, "refused");
      logs.line("io.selvage.ca.client.CertificateRotation", Level.WARN, "late");
      logs.line("io.selvage.proxy.accept.InboundPipeline", Level.INFO, "reset");
      logs.line("io.selvage.cli.mesh.Mesh", Level.INFO, "up");
    }
    Path logs = folder.resolve("logs");
    assertThat(Files.readString(Part.CONTROL_PLANE.in(logs)))
        .isEqualTo("2026-03-01T12:00:00.123Z INFO  taken\n");
    assertThat(Files.readString(Part.CA.in(logs))).contains("WARN  refused");
    assertThat(Files.readAllLines(Part.PROXIES.in(logs))).hasSize(2);
    assertThat(Files.readString(Part.MESH.in(logs))).endsWith("up\n");
  }

  @Test
  void whatLibrariesOnlyNoteIsLeftOut() throws IOException {
    try (var logs = LogFolder.open(folder, NOON)) {
      assertThat(logs.takes("io.grpc.internal.X", Level.INFO)).isFalse();
      assertThat(logs.takes("io.grpc.internal.X", Level.WARN)).isTrue();
      assertThat(logs.takes("io.selvage.proxy.X", Level.INFO)).isTrue();
      assertThat(logs.takes("io.selvage.proxy.X", Level.DEBUG)).isFalse();
    }
  }

  @Test
  void aFullFileMakesRoomForANewOne() throws IOException {
    Path file = folder.resolve("a.log");
    try (var log = new LogOutput(file, 10)) {
      write(log, "12345678\n");
      write(log, "next\n");
      write(log, "more\n");
    }
    assertThat(Files.readString(file)).isEqualTo("next\nmore\n");
    assertThat(Files.readString(LogOutput.previous(file))).isEqualTo("12345678\n");
  }

  @Test
  void aLogGoesOnWhereItEnded() throws IOException {
    Path file = folder.resolve("a.log");
    for (String line : List.of("one\n", "two\n")) {
      try (var log = new LogOutput(file)) {
        write(log, line);
      }
    }
    assertThat(LogTail.last(file, 5)).containsExactly("one", "two");
    assertThat(LogTail.last(file, 1)).containsExactly("two");
    assertThat(LogTail.last(folder.resolve("none"), 1)).isEmpty();
  }

  @Test
  void whoFollowsGetsWholeLinesOnceAlsoAfterTheFileBeganAnew() throws IOException {
    Path file = folder.resolve("a.log");
    var tail = new LogTail(file);
    assertThat(tail.more()).isEmpty();
    try (var log = new LogOutput(file, 12)) {
      write(log, "one\ntw");
      assertThat(tail.more()).containsExactly("one");
      write(log, "o\n");
      assertThat(tail.more()).isEqualTo(List.of("two"));
      assertThat(tail.more()).isEmpty();
      write(log, "three\n");
      assertThat(tail.more()).containsExactly("three");
    }
  }
}
