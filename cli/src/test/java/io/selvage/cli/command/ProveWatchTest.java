package io.selvage.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.ExitCode;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProveWatchTest {
  @TempDir private Path folder;
  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

  /** Hands on what is written, in pieces of whatever size. */
  private final Writer out =
      new Writer() {
        @Override
        public void write(char[] text, int from, int length) {
          said.add(new String(text, from, length));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  private void policy(String spec) throws Exception {
    Files.writeString(
        folder.resolve("policy.yaml"),
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: a, namespace: shop}
        spec: %s
        """
            .formatted(spec));
  }

  /** Reads on until a text has come. */
  private void await(String text) throws InterruptedException {
    var all = new StringBuilder();
    while (all.indexOf(text) < 0) {
      String more = said.poll(30, TimeUnit.SECONDS);
      assertThat(more).as("before \"%s\" there was: %s", text, all).isNotNull();
      all.append(more);
    }
  }

  @Test
  void everySaveIsAnsweredAlsoOneThatCannotBeRead() throws Exception {
    Files.writeString(
        folder.resolve("pod.yaml"),
        "{apiVersion: v1, kind: Pod, metadata: {name: w, namespace: shop, labels: {app: w}}, spec: {}}");
    policy("{selector: {matchLabels: {app: w}}, rules: [{}]}");
    var running =
        new FutureTask<>(
            () ->
                SelvageCommand.commandLine()
                    .setOut(new PrintWriter(out))
                    .setErr(new PrintWriter(Writer.nullWriter()))
                    .execute("prove", "lint", "--watch", "-f", folder.toString()));
    Thread thread = Thread.ofPlatform().start(running);
    try {
      await("-- watching");
      policy("{selector: {matchLabels: {app: v}}, rules: [{}]}");
      await("SLV9403");
      await("-- watching");
      policy("{selectr: {}}");
      await("spec.selectr: there is no such field");
      await("-- watching");
    } finally {
      thread.interrupt();
    }
    assertThat(running.get(30, TimeUnit.SECONDS)).isEqualTo(ExitCode.INTERRUPTED);
  }

  @Test
  void gitHasNoNews() {
    int status =
        SelvageCommand.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out))
            .execute("prove", "lint", "--watch", "-f", "HEAD:docs");
    assertThat(status).isEqualTo(ExitCode.USAGE);
    assertThat(String.join("", said)).contains("--watch needs a folder");
  }
}
