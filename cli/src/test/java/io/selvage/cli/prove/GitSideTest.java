package io.selvage.cli.prove;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.model.Service;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GitSideTest {
  @TempDir private Path repository;

  @BeforeEach
  void commit() throws Exception {
    write("mesh/a.yaml", service("old"));
    write("mesh/deep/b.yaml", service("deep"));
    write("mesh/.hidden.yaml", "not: read");
    write("mesh/notes.txt", "not read");
    Files.createSymbolicLink(repository.resolve("mesh/c.yaml"), Path.of("../linked.yaml"));
    write("linked.yaml", service("linked"));
    git("init", "-q", "-b", "main");
    git("add", "-A");
    git("-c", "user.name=n", "-c", "user.email=n@example.org", "commit", "-q", "-m", "m");
    write("mesh/a.yaml", service("new"));
  }

  private void write(String file, String text) throws IOException {
    Path path = repository.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private static String service(String name) {
    return "apiVersion: v1\nkind: Service\nmetadata: {name: %s}\n".formatted(name);
  }

  private void git(String... arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of("git"));
    line.addAll(List.of(arguments));
    Process git =
        new ProcessBuilder(line).directory(repository.toFile()).redirectErrorStream(true).start();
    String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(git.waitFor()).as(said).isZero();
  }

  private List<ClusterInput> read(Path directory, String spec) {
    return new GitSide(directory, spec, false).read();
  }

  @Test
  void aReferenceIsReadAsItWasCommitted() {
    var resources = read(repository, "main:mesh/").getFirst().input().snapshot().all(Service.class);
    assertThat(resources)
        .extracting(service -> service.meta().name())
        .containsExactlyInAnyOrder("old", "linked", "deep");
    assertThat(resources)
        .extracting(service -> service.meta().at().toString())
        .contains("main:mesh/a.yaml:1", "main:mesh/deep/b.yaml:1");
  }

  @Test
  void aPathMayStartWhereTheUserIs() {
    assertThat(read(repository.resolve("mesh"), "HEAD:./deep").getFirst().input().resources())
        .singleElement()
        .satisfies(one -> assertThat(one.meta().name()).isEqualTo("deep"));
  }

  @Test
  void whatIsNotThereIsAnErrorOfTheUsers() {
    for (String spec : List.of("nope:mesh", "main:nope", "main:mesh/a.yaml/x")) {
      assertThatThrownBy(() -> read(repository, spec))
          .isInstanceOfSatisfying(
              UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
          .hasMessageContaining("`" + spec + "` cannot be read from git");
    }
  }

  @Test
  void aFolderThatIsNoRepositoryIsAnErrorOfTheUsers(@TempDir Path elsewhere) {
    assertThatThrownBy(() -> read(elsewhere, "main:mesh"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("git");
  }

  @Test
  void whatLooksLikeAnOptionIsNoReference() {
    assertThat(SideSpec.isGit("-x:mesh")).isFalse();
    assertThat(SideSpec.isGit("main:mesh/")).isTrue();
    assertThat(SideSpec.isGit("mesh/")).isFalse();
    assertThat(SideSpec.isGit("/abs:olute")).isFalse();
  }
}
