package io.selvage.it.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Catalogue;
import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
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
      That a fresh install of either gives no finding at all is `FreshInstallTest`; what only probes can tell is `ProbesAndFixesTest`.

      | code | what is so when all is well | runbook | how it is broken | also says | healed by | Istio | Selvage |
      |---|---|---|---|---|---|---|---|
      """;

  @Test
  void thePageIsWhatIsTried() throws Exception {
    String wanted = HEAD + rows() + "\n" + rest();
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.writeString(DOCUMENT, wanted);
    }
    assertThat(Files.readString(DOCUMENT)).isEqualTo(wanted);
  }

  @Test
  void everyRowIsOfACheckThatThereIs() {
    assertThat(Breakages.all()).allSatisfy(one -> assertThat(checks()).containsKeys(one.code()));
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
    CheckInfo check = checks().get(one.code());
    return "| %s | %s | %s | %s | %s | %s | %s | %s |\n"
        .formatted(
            one.code(),
            check == null ? "" : check.title(),
            one.rows(),
            one.what(),
            String.join(", ", new TreeSet<>(one.also())),
            one.heals() instanceof Breakage.Heal.ByItsFix
                ? "`--fix=" + one.code() + "`"
                : "what it tells",
            one.meshes().contains(Patient.Mesh.ISTIO) ? "yes" : "",
            one.meshes().contains(Patient.Mesh.SELVAGE) ? "yes" : "");
  }

  private static String rest() {
    List<String> tried = Breakages.all().stream().map(Breakage::code).distinct().toList();
    return checks().keySet().stream()
        .filter(code -> !tried.contains(code))
        .sorted()
        .collect(
            Collectors.joining(
                ", ", "Tested on evidence alone, or by probes (`ProbesAndFixesTest`): ", ".\n"));
  }
}
