package io.selvage.cli.prove;

import io.selvage.cli.prove.SideText.Located;
import io.selvage.prove.input.SourceText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Files that shall take effect, read once. */
public final class WantedFiles {
  private final List<Path> roots;
  private final Map<String, SourceText> byPath = new LinkedHashMap<>();

  /**
   * Reads them.
   *
   * @param roots folders or files, at least one
   * @throws io.selvage.cli.UserError when one can't be read
   */
  public WantedFiles(List<Path> roots) {
    this.roots = List.copyOf(roots);
    for (Path root : roots) {
      located(root).forEach(each -> byPath.put(each.relative(), each.text()));
    }
  }

  private static List<Located> located(Path root) {
    List<Located> files = new ArrayList<>();
    for (SourceText text : new FolderTexts(root).read()) {
      String relative = FolderSide.folder(root).relativize(Path.of(text.source())).toString();
      files.add(new Located(relative.replace(java.io.File.separatorChar, '/'), text));
    }
    return files;
  }

  /** What a user calls them. */
  public String label() {
    return roots.stream().map(Path::toString).collect(Collectors.joining(", "));
  }

  /** By their paths below the folders that were named, with slashes. */
  public Map<String, SourceText> byPath() {
    return java.util.Collections.unmodifiableMap(byPath);
  }

  /** What they say by themselves. */
  public SideSource alone() {
    return fixed(label(), byPath, FolderSide.folder(roots.getFirst()));
  }

  /** A folder in which they stand in the place of its own files of the same paths. */
  public SideSource over(Path folder) {
    Map<String, SourceText> all = new LinkedHashMap<>();
    located(folder).forEach(each -> all.put(each.relative(), each.text()));
    all.putAll(byPath);
    return fixed("%s with %s".formatted(folder, label()), all, folder);
  }

  private static SideSource fixed(String label, Map<String, SourceText> files, Path folder) {
    List<Located> all = new ArrayList<>();
    files.forEach((relative, text) -> all.add(new Located(relative, text)));
    return SideSource.of(label, () -> new SideText(false).read(all, folder));
  }
}
