package io.selvage.doctor.probe;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One command run for several arguments, one after the other, in one shell: to enter a container
 * costs many times what a request costs.
 */
public final class Batch {
  /** What each run writes is a line of its own: standard output and error, in base64. */
  private static final String SCRIPT =
      """
      for at do
        {
          err=$(
            {
              { COMMAND "$at" </dev/null; printf '\\n%s' "$?" >&2; } | base64 -w0 >&3
            } 2>&1
          )
        } 3>&1
        printf ' %s\\n' "$(printf %s "$err" | base64 -w0)"
      done
      """;

  private Batch() {}

  /**
   * The command line for a shell of POSIX, with {@code base64} of coreutils.
   *
   * @param command to which each argument is added
   */
  public static List<String> line(List<String> command, List<String> arguments) {
    String quoted = command.stream().map(Batch::quoted).collect(Collectors.joining(" "));
    List<String> line =
        new ArrayList<>(List.of("sh", "-c", SCRIPT.replace("COMMAND", quoted), "sh"));
    line.addAll(arguments);
    return line;
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  /**
   * Reads what such a line wrote.
   *
   * @param count how many arguments there were
   * @throws ProbeFailed when it is anything else
   */
  public static List<Ran> read(String out, int count) throws ProbeFailed {
    List<String> lines = out.lines().toList();
    if (lines.size() != count) {
      throw new ProbeFailed("%d of %d requests ended".formatted(lines.size(), count));
    }
    List<Ran> runs = new ArrayList<>();
    for (String line : lines) {
      String[] parts = line.split(" ", -1);
      try {
        String err = decoded(parts[1]);
        int last = err.lastIndexOf('\n');
        runs.add(
            new Ran(
                Integer.parseInt(err.substring(last + 1)),
                decoded(parts[0]),
                err.substring(0, last)));
      } catch (RuntimeException e) {
        throw new ProbeFailed("a request's end is not understood: " + line);
      }
    }
    return runs;
  }

  private static String decoded(String text) {
    return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
  }
}
