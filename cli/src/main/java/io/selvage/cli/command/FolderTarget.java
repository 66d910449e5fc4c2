package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.prove.FolderSide;
import io.selvage.cli.prove.Side;
import io.selvage.cli.prove.WantedFiles;
import io.selvage.model.PolicyAssertions;
import io.selvage.prove.input.SourceText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The folder of a mesh that {@code selvage up} runs: what is written there is in force at once. */
final class FolderTarget implements ApplyTarget {
  private final Path folder;
  private final WantedFiles wanted;

  FolderTarget(Path folder, WantedFiles wanted) {
    this.folder = folder;
    this.wanted = wanted;
  }

  @Override
  public Side now() {
    return Side.read(new FolderSide(List.of(folder), false));
  }

  @Override
  public Side then() {
    return Side.read(wanted.over(folder));
  }

  @Override
  public List<PolicyAssertions> demands() {
    return then().assertions();
  }

  @Override
  public List<String> plan() {
    List<String> lines = new ArrayList<>();
    different()
        .forEach(
            (path, _) ->
                lines.add("%-10s %s".formatted(Files.exists(path) ? "update" : "create", path)));
    return lines;
  }

  private Map<Path, String> different() {
    Map<Path, String> different = new LinkedHashMap<>();
    for (Map.Entry<String, SourceText> file : wanted.byPath().entrySet()) {
      Path path = folder.resolve(file.getKey());
      String text = file.getValue().text();
      try {
        if (!Files.exists(path) || !Files.readString(path).equals(text)) {
          different.put(path, text);
        }
      } catch (IOException e) {
        throw new UserError(ExitCode.USAGE, path + " cannot be read: " + e);
      }
    }
    return different;
  }

  /** All are written beside their places first, so that what is left to go wrong is little. */
  @Override
  public String apply() {
    Map<Path, Path> places = new LinkedHashMap<>();
    try {
      for (Map.Entry<Path, String> file : different().entrySet()) {
        Path parent = Files.createDirectories(file.getKey().resolveSibling("."));
        Path fresh = Files.createTempFile(parent, ".selvage-", ".new");
        places.put(fresh, file.getKey());
        Files.writeString(fresh, file.getValue());
      }
      for (Map.Entry<Path, Path> place : places.entrySet()) {
        Files.move(
            place.getKey(),
            place.getValue(),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UserError(ExitCode.NO_ACCESS, "not everything could be written: " + e);
    } finally {
      places.keySet().forEach(FolderTarget::removed);
    }
    return "%d files of %s were written; `selvage status` shows whether they are in force"
        .formatted(places.size(), folder);
  }

  private static void removed(Path fresh) {
    try {
      Files.deleteIfExists(fresh);
    } catch (IOException e) {
      throw new UserError(ExitCode.NO_ACCESS, fresh + " is left behind: " + e);
    }
  }
}
