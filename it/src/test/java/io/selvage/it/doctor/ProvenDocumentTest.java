package io.selvage.it.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Catalogue;
import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/doctor-proven.md} says what {@link BreakAndHealTest} tries. {@code
 * -Dselvage.golden.update=true} writes it anew.
 */
final class ProvenDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "doctor-proven.md");

  private static final String HEAD =
      """
      # What the doctor's checks were proven on

      Each row is a mesh in a whole cluster with real Pods, a real Istio (its default profile) or Selvage as it is installed, that is broken in one
      way. The doctor finds that code and, besides what the same break breaks too, no other; a bundle gives the same; what the finding offers or
      tells heals it; and a second look is silent. `BreakAndHealTest` tries every row; a test holds this page to what it tries.
      That a fresh install of either gives no finding at all is `FreshInstallTest`.

      | code | what is so when all is well | runbook | how it is broken | also says | healed by | Istio | Selvage |
      |---|---|---|---|---|---|---|---|
      """;

  @Test
  void thePageIsWhatIsTried() throws Exception {
    String wanted = HEAD + rows() + elsewhere() + untried() + rest();
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.writeString(DOCUMENT, wanted);
    }
    assertThat(Files.readString(DOCUMENT)).isEqualTo(wanted);
  }

  @Test
  void everyRowIsOfACheckThatThereIs() {
    assertThat(Breakages.all()).allSatisfy(one -> assertThat(checks()).containsKeys(one.code()));
    assertThat(Elsewhere.all()).allSatisfy(one -> assertThat(checks()).containsKeys(one.code()));
    assertThat(Untried.all()).allSatisfy(one -> assertThat(checks()).containsKeys(one.code()));
  }

  @Test
  void whatIsTriedOnAMeshHasNoReasonWhyNot() {
    assertThat(Untried.all())
        .allSatisfy(
            one ->
                assertThat(one.meshes())
                    .noneMatch(
                        mesh -> Breakages.on(mesh).anyMatch(row -> row.code().equals(one.code()))));
  }

  private static Map<String, CheckInfo> checks() {
    return Catalogue.all().stream()
        .map(Check::info)
        .collect(Collectors.toMap(CheckInfo::code, Function.identity()));
  }

  private static String rows() {
    return Breakages.all().stream()
        .sorted(Comparator.comparing(Breakage::code))
        .map(ProvenDocumentTest::row)
        .collect(Collectors.joining());
  }

  private static String row(Breakage one) {
    return "| %s | %s | %s | %s | %s | %s | %s | %s |\n"
        .formatted(
            one.code(),
            title(one.code()),
            one.rows(),
            one.what(),
            String.join(", ", new TreeSet<>(one.also())),
            one.heals() instanceof Breakage.Heal.ByItsFix
                ? "`--fix=" + one.code() + "`"
                : "what it tells",
            one.meshes().contains(Patient.Mesh.ISTIO) ? "yes" : "",
            one.meshes().contains(Patient.Mesh.SELVAGE) ? "yes" : "");
  }

  private static final String ELSEWHERE =
      """

      ## By other tests

      What only probes can tell, or what is no breakage of a mesh.

      | code | what is so when all is well | how it is broken | test | meshes |
      |---|---|---|---|---|
      """;

  private static String elsewhere() {
    return Elsewhere.all().stream()
        .sorted(Comparator.comparing(Elsewhere::code))
        .map(
            one ->
                "| %s | %s | %s | `%s` | %s |\n"
                    .formatted(
                        one.code(),
                        title(one.code()),
                        one.how(),
                        one.test().getSimpleName(),
                        Untried.shown(one.meshes())))
        .collect(Collectors.joining("", ELSEWHERE, ""));
  }

  private static final String UNTRIED =
      """

      ## Why not

      A check that is not tried on a mesh, and why it cannot fail there, or cannot be made to. It is tested on evidence alone.

      | code | what is so when all is well | mesh | why not |
      |---|---|---|---|
      """;

  private static String untried() {
    return Untried.all().stream()
        .sorted(Comparator.comparing(Untried::code))
        .map(
            one ->
                "| %s | %s | %s | %s |\n"
                    .formatted(
                        one.code(), title(one.code()), Untried.shown(one.meshes()), one.why()))
        .collect(Collectors.joining("", UNTRIED, ""));
  }

  private static String title(String code) {
    CheckInfo check = checks().get(code);
    return check == null ? "" : check.title();
  }

  /** Codes that no table names for a mesh, by mesh. */
  private static String rest() {
    return Arrays.stream(Patient.Mesh.values())
        .map(mesh -> new Left(Untried.shown(Set.of(mesh)), left(mesh)))
        .filter(left -> !left.codes().isEmpty())
        .map(left -> "\nNot yet tried on %s: %s.\n".formatted(left.mesh(), left.codes()))
        .collect(Collectors.joining());
  }

  private record Left(String mesh, String codes) {}

  private static String left(Patient.Mesh mesh) {
    Set<String> named =
        Stream.of(
                Breakages.on(mesh).map(Breakage::code),
                Elsewhere.all().stream()
                    .filter(one -> one.meshes().contains(mesh))
                    .map(Elsewhere::code),
                Untried.all().stream()
                    .filter(one -> one.meshes().contains(mesh))
                    .map(Untried::code))
            .flatMap(codes -> codes)
            .collect(Collectors.toSet());
    return checks().keySet().stream()
        .filter(code -> !named.contains(code))
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
