package io.selvage.doctor.bundle;

import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Evidence in a zip file: {@code bundle.json} says what it is, {@code clusters/N.json} what was
 * seen of each cluster. The same evidence gives the same findings, so a bundle can be looked at
 * where no cluster can be reached.
 */
public final class Bundle {
  private static final String INDEX = "bundle.json";
  private static final String CLUSTERS = "clusters/";
  private static final String KIND = "DoctorBundle";

  /** The form that is written, and the newest that is read. */
  private static final int FORM = 1;

  /** More than any mesh has; a file that unpacks to more was made to fill memory. */
  private static final long MOST_BYTES = 1L << 30;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Bundle() {}

  /**
   * Writes {@code evidence} to a file that its owner alone may read, whole or not at all.
   *
   * @param madeBy the version of this Selvage
   */
  public static void write(Evidence evidence, String madeBy, Path file) throws IOException {
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("."));
    Path draft = Files.createTempFile(folder, ".bundle", ".zip", ownersOnly(folder));
    try {
      try (var out = Files.newOutputStream(draft)) {
        write(evidence, madeBy, out);
      }
      Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  private static FileAttribute<?>[] ownersOnly(Path folder) {
    return folder.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  /** Writes {@code evidence}; private keys and tokens are looked for once more. */
  static void write(Evidence evidence, String madeBy, OutputStream to) throws IOException {
    try (var zip = new ZipOutputStream(to)) {
      ObjectNode index = JSON.createObjectNode();
      index
          .put("apiVersion", "selvage.dev/v1")
          .put("kind", KIND)
          .put("form", FORM)
          .put("madeBy", madeBy)
          .put("taken", evidence.taken().toString())
          .put("since", evidence.since().toString());
      evidence.clusters().forEach(cluster -> index.withArray("clusters").add(cluster.context()));
      entry(zip, INDEX, index, evidence.taken());
      int number = 0;
      for (ClusterEvidence cluster : evidence.clusters()) {
        ObjectNode json = EvidenceJson.of(cluster);
        SecretGuard.clean(json);
        entry(zip, CLUSTERS + "%03d.json".formatted(number), json, evidence.taken());
        number++;
      }
    }
  }

  private static void entry(ZipOutputStream zip, String name, JsonNode json, Instant time)
      throws IOException {
    var entry = new ZipEntry(name);
    entry.setTime(time.toEpochMilli());
    zip.putNextEntry(entry);
    zip.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    zip.closeEntry();
  }

  /**
   * Reads a file that {@link #write} made.
   *
   * @throws IOException when it cannot be read, or is no bundle; the message says which
   */
  public static Evidence read(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return read(in);
    }
  }

  static Evidence read(InputStream from) throws IOException {
    Map<String, JsonNode> entries = entries(from);
    JsonNode index = entries.get(INDEX);
    if (index == null || !index.path("kind").asString("").equals(KIND)) {
      throw new IOException("this is no bundle of the doctor: it has no " + INDEX);
    }
    int form = index.path("form").asInt(0);
    if (form < 1 || form > FORM) {
      throw new IOException(
          "the bundle is of form %d, made by Selvage %s: this one reads form %d"
              .formatted(form, index.path("madeBy").asString("of unknown version"), FORM));
    }
    try {
      List<ClusterEvidence> clusters = new ArrayList<>();
      for (var entry : entries.entrySet()) {
        if (entry.getKey().startsWith(CLUSTERS)) {
          clusters.add(EvidenceJson.cluster(entry.getValue()));
        }
      }
      if (clusters.size() != index.path("clusters").size()) {
        throw new IOException(
            "the bundle is not whole: it has %d of its %d clusters"
                .formatted(clusters.size(), index.path("clusters").size()));
      }
      return new Evidence(
          Instant.parse(index.path("taken").asString("")),
          Instant.parse(index.path("since").asString("")),
          clusters);
    } catch (JacksonException | DateTimeParseException e) {
      throw new IOException("the bundle is damaged: " + e.getMessage(), e);
    }
  }

  private static Map<String, JsonNode> entries(InputStream from) throws IOException {
    Map<String, JsonNode> entries = new TreeMap<>();
    long left = MOST_BYTES;
    var zip = new ZipInputStream(from, StandardCharsets.UTF_8);
    for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      byte[] bytes = zip.readNBytes((int) Math.min(left + 1, Integer.MAX_VALUE - 8));
      left -= bytes.length;
      if (left < 0) {
        throw new IOException("the bundle unpacks to more than 1 GiB");
      }
      if (entry.getName().endsWith(".json")) {
        try {
          entries.put(entry.getName(), JSON.readTree(bytes));
        } catch (JacksonException e) {
          throw new IOException(
              "the bundle is damaged: " + entry.getName() + ": " + e.getMessage(), e);
        }
      }
    }
    return entries;
  }
}
