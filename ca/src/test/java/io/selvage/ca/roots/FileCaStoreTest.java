package io.selvage.ca.roots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.ca.MovableClock;
import io.selvage.ca.roots.RootRotation.Distributing;
import io.selvage.ca.roots.RootRotation.Retiring;
import io.selvage.ca.roots.RootRotation.Steady;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCaStoreTest {
  private final MovableClock clock = new MovableClock();
  @TempDir Path parent;

  @Test
  void givesBackEachPhaseWhole() throws Exception {
    FileCaStore store = FileCaStore.open(parent.resolve("ca"), clock);
    CaCredentials old = root();
    CaCredentials next = root();
    Steady steady = new Steady(old);
    Distributing distributing = steady.begin(next, clock.instant());
    Retiring retiring = distributing.switchSigning(Set.of(), clock.instant());
    TrustBundle federated = TrustBundle.of(root().root());

    long generation = 0;
    for (RootRotation phase : List.of(steady, distributing, retiring)) {
      CaState state = new CaState(++generation, phase, federated, "{}");
      store.save(state);
      CaState loaded = store.load().orElseThrow();
      assertThat(loaded.generation()).isEqualTo(generation);
      assertThat(loaded.rotation()).hasSameClassAs(phase);
      assertThat(loaded.bundle()).isEqualTo(state.bundle());
      assertThat(loaded.rotation().signing().privateKeyPem())
          .isEqualTo(phase.signing().privateKeyPem());
      assertThat(loaded.joinTokenKey()).isEqualTo("{}");
    }
  }

  @Test
  void keepsKeysToTheOwner() throws Exception {
    Path directory = parent.resolve("ca");
    FileCaStore.open(directory, clock).save(state(1));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
        .isEqualTo("rwx------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.resolve("ca-state.1"))))
        .isEqualTo("rw-------");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-x---"));
    assertThatThrownBy(() -> FileCaStore.open(directory, clock))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("SLV1011");
  }

  @Test
  void losesNothingWhenItIsKilledBetweenAnyTwoSteps() throws Exception {
    CaState one = state(1);
    CaState two = new CaState(2, one.rotation(), TrustBundle.empty(), "{\"two\":2}");
    CaState three = new CaState(3, one.rotation(), TrustBundle.empty(), "{\"three\":3}");
    for (int steps = 0; steps < 8; steps++) {
      Path directory = Files.createDirectory(parent.resolve("killed-after-" + steps));
      FileCaStore before = new FileCaStore(directory, new Disk.Real(), clock);
      before.save(one);
      before.save(two);
      MortalDisk disk = new MortalDisk(steps);

      try {
        new FileCaStore(directory, disk, clock).save(three);
      } catch (MortalDisk.Killed e) {
        assertThat(disk.steps).isEqualTo(steps);
      }

      CaState survived = before.load().orElseThrow();
      assertThat(survived.joinTokenKey())
          .as("after %d steps", steps)
          .isIn(two.joinTokenKey(), three.joinTokenKey());
      before.save(new CaState(4, one.rotation(), TrustBundle.empty(), "{\"four\":4}"));
      assertThat(before.load().orElseThrow().generation()).isEqualTo(4);
    }
  }

  @Test
  void losesNothingOnADiskThatIsFullAtAnyStep() throws Exception {
    CaState one = state(1);
    CaState two = new CaState(2, one.rotation(), TrustBundle.empty(), "{\"two\":2}");
    for (int steps = 0; steps < 5; steps++) {
      Path directory = Files.createDirectory(parent.resolve("full-after-" + steps));
      FileCaStore good = new FileCaStore(directory, new Disk.Real(), clock);
      good.save(one);
      FileCaStore full = new FileCaStore(directory, new FullDisk(steps), clock);

      if (steps < 4) {
        assertThatThrownBy(() -> full.save(two))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("SLV1029")
            .hasMessageContaining("No space left on device");
      } else {
        full.save(two);
      }

      assertThat(good.load().orElseThrow().joinTokenKey())
          .as("full after %d steps", steps)
          .isIn(one.joinTokenKey(), two.joinTokenKey());
      good.save(two);
      assertThat(good.load().orElseThrow().joinTokenKey()).isEqualTo(two.joinTokenKey());
    }
  }

  @Test
  void anOldStateThatCannotBeDeletedDoesNotUndoTheNewOne() throws Exception {
    Path directory = Files.createDirectory(parent.resolve("sticky"));
    CaState one = state(1);
    FileCaStore store = new FileCaStore(directory, new FullDisk(12), clock);
    for (int generation = 1; generation <= 3; generation++) {
      store.save(new CaState(generation, one.rotation(), TrustBundle.empty(), "{}"));
    }

    assertThat(store.load().orElseThrow().generation()).isEqualTo(3);
    assertThat(directory.resolve("ca-state.1")).exists();
  }

  @Test
  void clearsAwayWhatASaveLeftHalfDone() throws Exception {
    Path directory = parent.resolve("ca");
    FileCaStore.open(directory, clock).save(state(1));
    Files.writeString(directory.resolve("ca-state.tmp"), "half of a key");

    FileCaStore again = FileCaStore.open(directory, clock);

    assertThat(directory.resolve("ca-state.tmp")).doesNotExist();
    assertThat(again.load()).isPresent();
  }

  @Test
  void saysThatTheStoredCaHasExpiredAndWhen() throws Exception {
    FileCaStore store = FileCaStore.open(parent.resolve("ca"), clock);
    store.save(state(1));
    clock.advance(Duration.ofDays(400));

    assertThatThrownBy(store::load)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("SLV1002")
        .hasMessageContaining("expired at 2027-03-01T12:00:00Z");
  }

  @Test
  void takesAFileThatIsTooLargeForADamagedOne() throws Exception {
    FileCaStore store = FileCaStore.open(parent.resolve("ca"), clock);
    CaState one = state(1);
    store.save(one);
    store.save(new CaState(2, one.rotation(), TrustBundle.empty(), "{}"));
    try (RandomAccessFile file =
        new RandomAccessFile(parent.resolve("ca/ca-state.2").toFile(), "rw")) {
      file.setLength(9 << 20);
    }

    assertThat(store.load().orElseThrow().generation()).isEqualTo(1);
  }

  @Test
  void fallsBackToTheGenerationBeforeADamagedOne() throws Exception {
    FileCaStore store = FileCaStore.open(parent.resolve("ca"), clock);
    CaState one = state(1);
    store.save(one);
    store.save(new CaState(2, one.rotation(), TrustBundle.empty(), "{}"));
    Path newest = parent.resolve("ca/ca-state.2");
    byte[] whole = Files.readAllBytes(newest);

    for (int length : new int[] {0, 1, 2, whole.length / 2, whole.length - 1}) {
      Files.write(newest, Arrays.copyOf(whole, length));
      assertThat(store.load().orElseThrow().generation()).as("cut to %d", length).isEqualTo(1);
    }
    whole[whole.length / 2] ^= 1;
    Files.write(newest, whole);
    assertThat(store.load().orElseThrow().generation()).isEqualTo(1);
  }

  @Test
  void neverStartsAnewOverDamagedFiles() throws Exception {
    FileCaStore store = FileCaStore.open(parent.resolve("ca"), clock);
    store.save(state(1));
    Files.write(parent.resolve("ca/ca-state.1"), new byte[] {1, 2, 3});

    assertThatThrownBy(store::load)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("SLV1027")
        .hasMessageContaining("backup");
  }

  @Test
  void leavesADirectoryThatAnotherProcessWorksWith() throws Exception {
    Path directory = parent.resolve("ca");
    FileCaStore store = FileCaStore.open(directory, clock);
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OtherProcess.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .start();
    try {
      String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(said).contains("another process works with the CA state");
    } finally {
      other.destroyForcibly();
      Reference.reachabilityFence(store); // a collected store lets go of its claim
    }
  }

  /** Opens a directory and says what came of it. */
  static final class OtherProcess {
    private OtherProcess() {}

    public static void main(String[] arguments) {
      try {
        System.out.println("opened " + FileCaStore.open(Path.of(arguments[0]), new MovableClock()));
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Property(tries = 300)
  void bytesThatAreNotTheStoredOnesAreDamage(@ForAll long seed) throws Exception {
    byte[] stored = CaStateFormat.write(state(1));
    Random random = new Random(seed);
    byte[] bent = stored.clone();
    bent[random.nextInt(bent.length)] ^= (byte) (1 << random.nextInt(8));
    byte[] noise = new byte[random.nextInt(300)];
    random.nextBytes(noise);

    assertThat(CaStateFormat.isWhole(noise)).isFalse();
    if (CaStateFormat.isWhole(bent)) { // a bit of a field's number: the state itself is untouched
      assertThat(CaStateFormat.read(bent, clock.instant()).generation()).isEqualTo(1);
    }
    assertThat(CaStateFormat.isWhole(stored)).isTrue();
  }

  @Test
  void keepsTwoGenerationsAndNoMore() throws Exception {
    FileCaStore store = FileCaStore.open(parent.resolve("ca"), clock);
    CaState one = state(1);
    for (int generation = 1; generation <= 5; generation++) {
      store.save(new CaState(generation, one.rotation(), TrustBundle.empty(), "{}"));
    }

    try (Stream<Path> files = Files.list(parent.resolve("ca"))) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("ca-state.4", "ca-state.5", "lock");
    }
  }

  @Test
  void printsNoKey() throws Exception {
    CaState state = state(1);

    assertThat(state.toString())
        .doesNotContain(state.rotation().signing().privateKeyPem().substring(40, 80))
        .doesNotContain(state.joinTokenKey());
  }

  private CaState state(long generation) throws Exception {
    return new CaState(
        generation, new Steady(root()), TrustBundle.empty(), "{\"secret\":\"join-key\"}");
  }

  private CaCredentials root() throws Exception {
    return CaCredentials.selfSigned(
        new CaProfile.Istiod("cluster.local"),
        KeyAlgorithm.DEFAULT,
        Duration.ofDays(365),
        clock.instant(),
        new SecureRandom());
  }

  /** A disk that takes nothing more after some steps; of the next write it takes a half. */
  private static final class FullDisk implements Disk {
    private final Disk real = new Disk.Real();
    private int left;

    FullDisk(int steps) {
      this.left = steps;
    }

    @Override
    public void write(Path file, byte[] bytes) throws IOException {
      if (left == 0) {
        real.write(file, Arrays.copyOf(bytes, bytes.length / 2));
      }
      step();
      real.write(file, bytes);
    }

    @Override
    public void sync(Path file) throws IOException {
      step();
      real.sync(file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      step();
      real.rename(from, to);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
      step();
      real.syncDirectory(directory);
    }

    @Override
    public void delete(Path file) throws IOException {
      step();
      real.delete(file);
    }

    private void step() throws IOException {
      if (left == 0) {
        throw new IOException("No space left on device");
      }
      left--;
    }
  }

  /** A disk whose process dies after some steps; the step it dies in is half done. */
  private static final class MortalDisk implements Disk {
    private final Disk real = new Disk.Real();
    private final int lifetime;
    private int steps;

    MortalDisk(int lifetime) {
      this.lifetime = lifetime;
    }

    static final class Killed extends RuntimeException {
      private static final long serialVersionUID = 1L;
    }

    @Override
    public void write(Path file, byte[] bytes) throws IOException {
      if (steps == lifetime) {
        real.write(file, Arrays.copyOf(bytes, bytes.length / 2));
      }
      live();
      real.write(file, bytes);
    }

    @Override
    public void sync(Path file) throws IOException {
      live();
      real.sync(file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      live();
      real.rename(from, to);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
      live();
      real.syncDirectory(directory);
    }

    @Override
    public void delete(Path file) throws IOException {
      live();
      real.delete(file);
    }

    private void live() {
      if (steps == lifetime) {
        throw new Killed();
      }
      steps++;
    }
  }
}
