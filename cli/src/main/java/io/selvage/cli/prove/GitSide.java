package io.selvage.cli.prove;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.prove.SideText.Located;
import java.nio.file.Path;
import java.util.List;

/** A folder as a git reference has it. */
public final class GitSide implements SideSource {
  private final String spec;
  private final GitTexts texts;
  private final SideText side;
  private final Path directory;

  /**
   * @param directory in the working copy
   * @param spec {@code REFERENCE:PATH}
   */
  public GitSide(Path directory, String spec, boolean clusterFolders) {
    this.spec = spec;
    this.directory = directory;
    this.texts = new GitTexts(directory, spec);
    this.side = new SideText(clusterFolders);
  }

  @Override
  public String label() {
    return spec;
  }

  @Override
  public List<ClusterInput> read() {
    List<Located> files =
        texts.read().stream().map(text -> new Located(texts.relative(text), text)).toList();
    if (files.isEmpty()) {
      throw new UserError(
          ExitCode.USAGE, "there is no YAML in " + spec + ", so nothing is proved of it");
    }
    return side.read(files, directory);
  }
}
