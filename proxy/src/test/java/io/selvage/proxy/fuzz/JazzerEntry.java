package io.selvage.proxy.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** One target for Jazzer, which is told its name by {@code --target_args}. */
public final class JazzerEntry {
  private static FuzzTarget target = FuzzTargets.ALL.getFirst();

  private JazzerEntry() {}

  /** Called by Jazzer, once. */
  public static void fuzzerInitialize(String[] arguments) {
    target = FuzzTargets.named(arguments[0]);
  }

  /** Called by Jazzer with each input. */
  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    target.run(input);
  }

  /**
   * Lists the targets; with a folder, writes each one's seeds and words there as libFuzzer reads
   * them.
   */
  public static void main(String[] arguments) throws IOException {
    for (FuzzTarget each : FuzzTargets.ALL) {
      System.out.println(each.name());
      if (arguments.length > 0) {
        Path folder = Path.of(arguments[0]).resolve(each.name());
        Files.createDirectories(folder.resolve("seeds"));
        int number = 0;
        for (byte[] seed : FuzzTargets.corpus(each)) {
          Files.write(folder.resolve("seeds").resolve("seed-" + number++), seed);
        }
        Files.writeString(folder.resolve("words"), words(each));
      }
    }
  }

  private static String words(FuzzTarget target) {
    StringBuilder text = new StringBuilder();
    for (String word : target.words()) {
      text.append('"');
      for (byte b : FuzzTarget.bytes(word)) {
        text.append(String.format("\\x%02X", b & 0xff));
      }
      text.append("\"\n");
    }
    return text.toString();
  }
}
