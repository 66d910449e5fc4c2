package io.selvage.cli.prove;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.prove.SideText.Located;
import io.selvage.prove.input.SourceText;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** Folders and files of this machine. */
public final class FolderSide implements SideSource {
  private final List<Path> roots;
  private final List<FolderTexts> texts;
  private final SideText side;

  /**
   * @param roots folders or files, at least one
   * @param clusterFolders each sub-folder is a cluster
   */
  public FolderSide(List<Path> roots, boolean clusterFolders) {
    this.roots = List.copyOf(roots);
    this.texts = roots.stream().map(FolderTexts::new).toList();
    this.side = new SideText(clusterFolders);
  }

  @Override
  public String label() {
    return roots.stream().map(Path::toString).collect(Collectors.joining(", "));
  }

  @Override
  public List<ClusterInput> read() {
    List<Located> files = new ArrayList<>();
    for (int i = 0; i < roots.size(); i++) {
      Path folder = folder(roots.get(i));
      for (SourceText text : texts.get(i).read()) {
        String relative = folder.relativize(Path.of(text.source())).toString();
        files.add(new Located(relative.replace(File.separatorChar, '/'), text));
      }
    }
    if (files.isEmpty()) {
      throw new UserError(
          ExitCode.USAGE, "there is no YAML in " + label() + ", so nothing is proved of it");
    }
    return side.read(files, folder(roots.getFirst()));
  }

  /** Where relative paths start. */
  static Path folder(Path root) {
    return Files.isDirectory(root)
        ? root
        : Objects.requireNonNullElse(root.getParent(), Path.of(""));
  }

  @Override
  public List<Path> watched() {
    return roots;
  }
}
