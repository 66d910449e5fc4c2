package io.selvage.cli.state;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The folder with one folder for each running mesh; readable by its owner alone. */
public final class StateDirectory {

  private static final String FILE = "state.json";
  private static final String SCRATCH = ".files";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path root;

  /** A state directory at {@code root}, which need not exist yet. */
  public StateDirectory(Path root) {
    this.root = root;
  }

  /**
   * {@code $SELVAGE_STATE_DIR}, or {@code ~/.selvage/run}: a place that is the same inside a mesh's
   * user namespace, where {@code /run} is another one, and outside.
   */
  public static StateDirectory of(Map<String, String> environment, Path home) {
    String given = environment.getOrDefault("SELVAGE_STATE_DIR", "");
    return new StateDirectory(given.isEmpty() ? home.resolve(".selvage/run") : Path.of(given));
  }

  /** Where the folder of {@code mesh} is, whether it is there or not. */
  public Path path(String mesh) {
    return root.resolve(mesh);
  }

  /** The folder of {@code mesh}, made when it is not there. */
  public Path folder(String mesh) throws IOException {
    var owner = PosixFilePermissions.fromString("rwx------");
    return Files.createDirectories(root.resolve(mesh), PosixFilePermissions.asFileAttribute(owner));
  }

  /** Writes {@code state} whole or not at all, readable by its owner alone. */
  public void write(MeshState state) throws IOException {
    Path folder = folder(state.mesh());
    Path fresh = folder.resolve(FILE + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(fresh, JSON.writeValueAsString(state));
    Files.move(fresh, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }

  /** What {@code mesh} left, running or not; empty when there is nothing readable. */
  public Optional<MeshState> read(String mesh) {
    try {
      return Optional.of(
          JSON.readValue(Files.readString(root.resolve(mesh).resolve(FILE)), MeshState.class));
    } catch (NoSuchFileException | JacksonException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The meshes that run now. */
  public List<MeshState> running() {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(root)) {
      return folders
          .map(folder -> read(folder.getFileName().toString()))
          .flatMap(Optional::stream)
          .filter(MeshState::alive)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The mesh that a command is about.
   *
   * @param name absent: the only one
   * @throws UserError when it does not run, or there are several to choose from
   */
  public MeshState find(@Nullable String name) {
    var running = running();
    if (name != null) {
      return running.stream()
          .filter(state -> state.mesh().equals(name))
          .findFirst()
          .orElseThrow(() -> none("no mesh `" + name + "` runs on this machine"));
    }
    return switch (running.size()) {
      case 0 -> throw none("no mesh runs on this machine");
      case 1 -> running.getFirst();
      default ->
          throw new UserError(
              ExitCode.USAGE,
              "several meshes run here: choose with --mesh "
                  + String.join(" | ", running.stream().map(MeshState::mesh).toList()));
    };
  }

  private UserError none(String what) {
    return new UserError(
        ExitCode.NO_ACCESS,
        what
            + " (state is looked for in "
            + root
            + ")\n  start one: selvage demo --keep   or   selvage up -f DIR");
  }

  /**
   * Refuses to start a mesh that runs.
   *
   * @throws UserError saying what to do
   */
  public void refuseTwice(String mesh) {
    read(mesh)
        .filter(MeshState::alive)
        .ifPresent(
            running -> {
              throw new UserError(
                  ExitCode.USAGE,
                  "mesh `%s` runs already, as process %d%n  stop it (kill %d), or choose --name"
                      .formatted(mesh, running.pid(), running.pid()));
            });
  }

  /** An empty folder beside that of {@code mesh}, for files that are to go with it. */
  public Path scratch(String mesh) throws IOException {
    removeFolder(root.resolve(mesh + SCRATCH));
    return folder(mesh + SCRATCH);
  }

  /** Removes the folder of {@code mesh}, as before a start. */
  public void clear(String mesh) throws IOException {
    removeFolder(root.resolve(mesh));
  }

  /** Removes all that there is of {@code mesh}, as after its end. */
  public void remove(String mesh) throws IOException {
    clear(mesh);
    removeFolder(root.resolve(mesh + SCRATCH));
  }

  private static void removeFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
