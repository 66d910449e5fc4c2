package io.selvage.cli.prove;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.prove.input.SourceText;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/**
 * The YAML files of a folder as a git reference has it, {@code main:mesh/}, read by {@code git}
 * itself: one listing, and one process that hands out all files.
 */
final class GitTexts {
  private static final int MAX_BYTES = 8 << 20;

  private final Path directory;
  private final String reference;
  private final String path;

  /**
   * @param directory of the working copy, where relative paths start
   * @param spec {@code REFERENCE:PATH}, as {@code git show} takes it
   */
  GitTexts(Path directory, String spec) {
    int colon = spec.indexOf(':');
    this.directory = directory;
    this.reference = spec.substring(0, colon);
    String after = spec.substring(colon + 1);
    // Git takes a path without ./ from the top of the repository, and so do we.
    this.path = after.replaceAll("/+$", "").replaceAll("^\\.$", "./");
  }

  /** Whether a text has the form of a reference with a path. */
  static boolean isSpec(String text) {
    return text.matches("[^:/][^:]*:.*") && !text.startsWith("-");
  }

  /** Every file, in the order of their paths. */
  List<SourceText> read() {
    String tree = reference + ":" + path;
    List<String> files = new ArrayList<>();
    for (String entry : split(run(List.of("ls-tree", "-r", "-z", "--full-tree", tree)))) {
      int tab = entry.indexOf('\t');
      String name = entry.substring(tab + 1);
      if (isYaml(name)) {
        if (entry.startsWith("160000") || name.indexOf('\n') >= 0) {
          throw new UserError(ExitCode.USAGE, tree + "/" + name + " cannot be read from git");
        }
        files.add(name);
      }
    }
    return contents(tree, files);
  }

  private static List<String> split(byte[] listing) {
    List<String> entries = new ArrayList<>();
    for (String entry : new String(listing, StandardCharsets.UTF_8).split("\0", -1)) {
      if (!entry.isEmpty()) {
        entries.add(entry);
      }
    }
    return entries;
  }

  /** As in a folder: YAML and JSON, nothing hidden. */
  private static boolean isYaml(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return (lower.endsWith(".yaml") || lower.endsWith(".yml") || lower.endsWith(".json"))
        && !name.startsWith(".")
        && !name.contains("/.");
  }

  private String shown(String file) {
    return prefix() + file;
  }

  private String prefix() {
    return reference + ":" + (path.isEmpty() || path.endsWith("/") ? path : path + "/");
  }

  /** A file's path in the folder that was asked for. */
  String relative(SourceText text) {
    return text.source().substring(prefix().length());
  }

  private List<SourceText> contents(String tree, List<String> files) {
    Process git = start(List.of("cat-file", "--batch", "--follow-symlinks"));
    try (OutputStream to = git.getOutputStream();
        InputStream from = new BufferedInputStream(git.getInputStream())) {
      CompletableFuture<Void> asking =
          CompletableFuture.runAsync(
              () -> {
                try (to) {
                  for (String file : files) {
                    to.write((shown(file) + "\n").getBytes(StandardCharsets.UTF_8));
                  }
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      List<SourceText> texts = new ArrayList<>();
      for (String file : files) {
        texts.add(new SourceText(shown(file), next(from, shown(file))));
      }
      asking.join();
      return texts;
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, tree + " cannot be read from git: " + e.getMessage());
    } finally {
      git.destroy();
    }
  }

  /** {@code OBJECT TYPE SIZE}, the content, a line end; or a line that says what is wrong. */
  private static String next(InputStream from, String name) throws IOException {
    String[] header = line(from).split(" ", -1);
    if (header.length != 3 || !header[1].equals("blob") || !header[2].matches("\\d{1,9}")) {
      throw new UserError(ExitCode.USAGE, name + " is no file in git: " + String.join(" ", header));
    }
    int size = Integer.parseInt(header[2]);
    if (size > MAX_BYTES) {
      throw new UserError(ExitCode.USAGE, name + " is larger than 8 MiB");
    }
    byte[] bytes = from.readNBytes(size);
    if (bytes.length < size || from.read() != '\n') {
      throw new IOException("git ended early");
    }
    try {
      return FolderTexts.utf8(bytes);
    } catch (CharacterCodingException e) {
      throw new UserError(ExitCode.USAGE, name + " is not UTF-8");
    }
  }

  private static String line(InputStream from) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = from.read(); b != '\n'; b = from.read()) {
      if (b < 0) {
        throw new IOException("git ended early");
      }
      line.write(b);
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  private byte[] run(List<String> arguments) {
    Process git = start(arguments);
    try {
      git.getOutputStream().close();
      CompletableFuture<byte[]> errors =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return git.getErrorStream().readAllBytes();
                } catch (IOException e) {
                  return new byte[0];
                }
              });
      byte[] out = git.getInputStream().readAllBytes();
      int status = git.waitFor();
      if (status != 0) {
        throw new UserError(
            ExitCode.USAGE,
            "`%s:%s` cannot be read from git: %s"
                .formatted(
                    reference, path, new String(errors.join(), StandardCharsets.UTF_8).strip()));
      }
      return out;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError(ExitCode.INTERRUPTED, "interrupted while git was asked");
    } catch (InterruptedIOException e) {
      throw new UserError(ExitCode.INTERRUPTED, "interrupted while git was asked");
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, "git cannot be asked: " + e.getMessage());
    } finally {
      git.destroy();
    }
  }

  private Process start(List<String> arguments) {
    List<String> line = new ArrayList<>(List.of("git"));
    line.addAll(arguments);
    try {
      return new ProcessBuilder(line).directory(directory.toFile()).start();
    } catch (IOException e) {
      throw new UserError(
          ExitCode.USAGE,
          "`%s:%s` is of git, and git cannot be run: %s"
              .formatted(reference, path, e.getMessage()));
    }
  }
}
