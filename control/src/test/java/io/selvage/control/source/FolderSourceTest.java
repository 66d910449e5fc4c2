package io.selvage.control.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshSnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderSourceTest {
  @TempDir Path folder;

  private final BlockingQueue<MeshSnapshot> snapshots = new LinkedBlockingQueue<>();
  private FolderSource source;

  @BeforeEach
  void watch() throws IOException {
    source =
        new FolderSource(
            List.of(folder), file -> !file.endsWith("workloads.yaml"), InstantSource.system());
  }

  @AfterEach
  void stop() {
    source.close();
  }

  @Test
  void theFirstSnapshotIsThereBeforeStartReturns() throws IOException {
    write("a.yaml", "p");
    write("workloads.yaml", "not-for-us");

    source.start(snapshots::add);

    assertThat(names(snapshots.poll())).containsExactly("p");
  }

  @Test
  void newChangedRenamedAndDeletedFilesAreNoticed() throws Exception {
    source.start(snapshots::add);
    write("a.yaml", "p");
    await(names -> names.equals(List.of("p")));

    write("a.yaml", "q");
    await(names -> names.equals(List.of("q")));

    Path draft = folder.resolve(".a.yaml.swp");
    Files.writeString(draft, FolderContentsTest.policy("r", "DENY"));
    Files.move(draft, folder.resolve("a.yaml"), StandardCopyOption.ATOMIC_MOVE);
    await(names -> names.equals(List.of("r")));

    Files.delete(folder.resolve("a.yaml"));
    await(List::isEmpty);
  }

  @Test
  void filesInNewFoldersAndBehindLinksAreNoticed() throws Exception {
    source.start(snapshots::add);
    Path deep = Files.createDirectories(folder.resolve("team/prod"));
    Files.writeString(deep.resolve("p.yml"), FolderContentsTest.policy("p", "DENY"));
    await(names -> names.equals(List.of("p")));

    Path outside = Files.createTempDirectory("selvage-outside");
    Path target = outside.resolve("real.yaml");
    Files.writeString(target, FolderContentsTest.policy("linked", "DENY"));
    Files.createSymbolicLink(folder.resolve("link.yaml"), target);
    await(names -> names.contains("linked"));

    Files.writeString(target, FolderContentsTest.policy("relinked", "DENY"));
    await(names -> names.contains("relinked") && !names.contains("linked"));
    Files.delete(target);
    Files.delete(outside);
  }

  @Test
  void aFolderThatContainsItselfIsReadOnce() throws Exception {
    write("a.yaml", "p");
    Files.createSymbolicLink(folder.resolve("loop"), folder);

    source.start(snapshots::add);

    assertThat(names(snapshots.take())).containsExactly("p");
  }

  @Test
  void unchangedResourcesStayTheSameObjects() throws Exception {
    write("a.yaml", "p");
    source.start(snapshots::add);
    AuthorizationPolicy before = snapshots.take().all(AuthorizationPolicy.class).getFirst();
    write("b.yaml", "q");

    MeshSnapshot after = await(names -> names.contains("q"));

    assertThat(after.all(AuthorizationPolicy.class).getFirst()).isSameAs(before);
  }

  @Test
  void aMountedConfigMapIsReadAndItsSwapNoticed() throws Exception {
    mount("1", "p");
    Files.createSymbolicLink(folder.resolve("..data"), Path.of("..1"));
    Files.createSymbolicLink(folder.resolve("a.yaml"), Path.of("..data/a.yaml"));
    source.start(snapshots::add);
    assertThat(names(snapshots.take())).containsExactly("p");

    mount("2", "q");
    Files.createSymbolicLink(folder.resolve("..next"), Path.of("..2"));
    Files.move(
        folder.resolve("..next"),
        folder.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    Files.delete(folder.resolve("..1/a.yaml"));
    Files.delete(folder.resolve("..1"));

    await(names -> names.equals(List.of("q")));
  }

  private void mount(String version, String policy) throws IOException {
    Files.createDirectory(folder.resolve(".." + version));
    write(".." + version + "/a.yaml", policy);
  }

  @Test
  void aFolderThatIsRemovedMeansWhatItMeantAndIsReadWhenItIsBack() throws Exception {
    Path inner = Files.createDirectory(folder.resolve("mesh"));
    Files.writeString(inner.resolve("a.yaml"), FolderContentsTest.policy("p", "DENY"));
    try (FolderSource mesh =
        new FolderSource(List.of(inner), file -> true, InstantSource.system())) {
      mesh.start(snapshots::add);
      assertThat(names(snapshots.take())).containsExactly("p");
      Files.delete(inner.resolve("a.yaml"));
      Files.delete(inner);

      Files.createDirectory(inner);
      Files.writeString(inner.resolve("b.yaml"), FolderContentsTest.policy("q", "DENY"));

      await(names -> names.equals(List.of("q")));
    }
  }

  @Test
  void textThatIsNotUtf8TakesNothingAway() throws Exception {
    write("a.yaml", "p");
    source.start(snapshots::add);
    snapshots.take();
    replace("a.yaml", new byte[] {(byte) 0xc0, (byte) 0xae});

    MeshSnapshot snapshot = await(names -> names.equals(List.of("p")));

    assertThat(snapshot.problems())
        .singleElement()
        .satisfies(
            problem ->
                assertThat(problem.render())
                    .endsWith("a.yaml: is not UTF-8; what was read there last stays in force"));
  }

  @Test
  void aFileBeyondEightMebibytesTakesNothingAway() throws Exception {
    write("a.yaml", "p");
    source.start(snapshots::add);
    snapshots.take();
    replace("a.yaml", "#".repeat((8 << 20) + 1).getBytes(StandardCharsets.UTF_8));

    assertThat(await(names -> names.equals(List.of("p"))).problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem.message()).contains("larger than 8 MiB"));
  }

  @Test
  void whatIsInAFolderThatCannotBeLookedAtMayStillBeThere() {
    FolderScan scan =
        new FolderScan(
            Map.of(), Set.of(folder), Set.of(folder.resolve("team"), folder.resolve("b.yaml")));

    assertThat(scan.mayHide(folder.resolve("team/prod/a.yaml"))).isTrue();
    assertThat(scan.mayHide(folder.resolve("b.yaml"))).isTrue();
    assertThat(scan.mayHide(folder.resolve("teamwork/a.yaml"))).isFalse();
  }

  private void write(String file, String policy) throws IOException {
    Files.writeString(folder.resolve(file), FolderContentsTest.policy(policy, "DENY"));
  }

  /** At once: a file that is half written is another one, which may be read, too. */
  private void replace(String file, byte[] content) throws IOException {
    Path written = Files.write(folder.resolve("written"), content);
    Files.move(written, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  private MeshSnapshot await(Predicate<List<String>> wanted) throws InterruptedException {
    MeshSnapshot snapshot;
    do {
      snapshot = snapshots.poll(20, TimeUnit.SECONDS);
      assertThat(snapshot).as("a snapshot with what was written").isNotNull();
    } while (!wanted.test(names(snapshot)));
    return snapshot;
  }

  private static List<String> names(MeshSnapshot snapshot) {
    return snapshot.all(AuthorizationPolicy.class).stream().map(p -> p.meta().name()).toList();
  }
}
