package io.selvage.doctor.fix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What fixes did, one file for each run, readable by its owner alone. A step is written before the
 * change is made, so that one that was cut off can be undone, too.
 */
public final class FixJournal {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern RUN = Pattern.compile("[0-9]{8}-[0-9]{6}(-[0-9]+)?");
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final Path folder;

  /** In a folder, which need not exist yet. */
  public FixJournal(Path folder) {
    this.folder = folder;
  }

  /** The steps of one run, in the order in which they were made. */
  public record Run(List<FixStep> steps) {
    public Run {
      steps = List.copyOf(steps);
    }
  }

  /** One run that is being noted. */
  public final class Open {
    private final String name;
    private final List<FixStep> steps = new ArrayList<>();

    private Open(String name) {
      this.name = name;
    }

    /** By which {@code selvage undo} knows it. */
    public String name() {
      return name;
    }

    public boolean isEmpty() {
      return steps.isEmpty();
    }

    /** Notes a step that is about to be made. */
    void begin(FixStep step) throws IOException {
      steps.add(step);
      write(name, new Run(steps));
    }

    /** Notes what came of the step that was begun last. */
    void end(FixStep step) throws IOException {
      steps.set(steps.size() - 1, step);
      write(name, new Run(steps));
    }

    /** Takes the step that was begun last back: it was refused. */
    void dropped() throws IOException {
      steps.removeLast();
      write(name, new Run(steps));
    }
  }

  /** A new run. */
  public Open open(Instant now) {
    String time = NAME.format(now);
    String name = time;
    for (int i = 2; Files.exists(file(name)); i++) {
      name = time + "-" + i;
    }
    return new Open(name);
  }

  /**
   * A run.
   *
   * @return empty when there is none of that name
   * @throws IOException when it cannot be read
   */
  public Optional<Run> read(String name) throws IOException {
    if (!RUN.matcher(name).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(Files.readString(file(name)), Run.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JacksonException e) {
      throw new IOException("the run " + name + " cannot be read: " + e.getOriginalMessage(), e);
    }
  }

  /** The names of all runs, the latest first. */
  public List<String> names() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".json"))
          .map(name -> name.substring(0, name.length() - ".json".length()))
          .filter(RUN.asMatchPredicate().and(Predicate.not(String::isEmpty)))
          .sorted(Comparator.reverseOrder())
          .toList();
    }
  }

  /** Forgets a run that was undone. */
  void remove(String name) throws IOException {
    Files.deleteIfExists(file(name));
  }

  private void write(String name, Run run) throws IOException {
    if (run.steps().isEmpty()) {
      remove(name);
      return;
    }
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path fresh = folder.resolve(name + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(fresh, JSON.writeValueAsString(run));
    Files.move(fresh, file(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path file(String name) {
    return folder.resolve(name + ".json");
  }
}
