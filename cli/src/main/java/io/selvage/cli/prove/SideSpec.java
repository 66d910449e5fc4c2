package io.selvage.cli.prove;

import java.nio.file.Files;
import java.nio.file.Path;

/** How a side is written on a command line. */
public final class SideSpec {
  private SideSpec() {}

  /** Whether it is {@code REF:DIR}: it looks like that, and no file is called so. */
  public static boolean isGit(String text) {
    return GitTexts.isSpec(text) && !Files.exists(Path.of(text));
  }
}
