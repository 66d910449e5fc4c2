package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.doctor.IgnoreFile;
import io.selvage.doctor.Ignored;
import io.selvage.doctor.Selection;
import io.selvage.doctor.probe.Conversation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code selvage doctor} that say what is looked for. */
final class DoctorCheckChoice {
  private static final Path USUAL = Path.of(".selvage", "ignore.yaml");

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      description = "Only what concerns this namespace, or the whole mesh.")
  private @Nullable String namespace;

  @Option(
      names = "--from",
      paramLabel = "NAME.NS",
      description = "One conversation in depth, hop by hop: the workload that asks …")
  private @Nullable String from;

  @Option(
      names = "--to",
      paramLabel = "NAME.NS:PORT",
      description = "… and the Service that is asked: --from sleep.sample --to httpbin.sample:8000")
  private @Nullable String to;

  @Option(
      names = "--only",
      paramLabel = "CODE",
      split = ",",
      completionCandidates = CodeCandidates.class,
      description = "Only these checks: SLV2001, or SLV2* for a range; may be given many times.")
  private List<String> only = List.of();

  @Option(
      names = "--skip",
      paramLabel = "CODE",
      split = ",",
      completionCandidates = CodeCandidates.class,
      description = "Not these checks.")
  private List<String> skip = List.of();

  @Option(
      names = "--ignore-file",
      paramLabel = "FILE",
      description = "What is let be for a time, with a reason (default: .selvage/ignore.yaml).")
  private @Nullable Path ignoreFile;

  Selection selection() {
    try {
      return new Selection(only, skip);
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  Optional<String> namespace() {
    return Optional.ofNullable(namespace);
  }

  Ignored ignored() {
    Path file = ignoreFile == null ? USUAL : ignoreFile;
    if (ignoreFile == null && !Files.exists(file)) {
      return Ignored.NOTHING;
    }
    try {
      return IgnoreFile.read(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, file + " cannot be read: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /** Who asks whom; empty when neither was named. */
  Optional<Conversation> conversation() {
    if (from == null && to == null) {
      return Optional.empty();
    }
    if (from == null || to == null) {
      throw new UserError(ExitCode.USAGE, "a conversation has two sides: --from and --to");
    }
    return Optional.of(
        Conversation.of(from, to)
            .orElseThrow(
                () ->
                    new UserError(
                        ExitCode.USAGE,
                        "--from is NAME.NAMESPACE, --to is NAME.NAMESPACE:PORT, such as --from"
                            + " sleep.sample --to httpbin.sample:8000")));
  }
}
