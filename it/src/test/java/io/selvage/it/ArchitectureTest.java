package io.selvage.it;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Who may know whom, and the house's rules that byte code can show. */
class ArchitectureTest {
  /** Each module and those it may use besides itself. */
  private static final Map<String, List<String>> ARROWS =
      Map.of(
          "model", List.of(),
          "pki", List.of("model"),
          "policy", List.of("model"),
          "xds", List.of("model", "pki", "policy"),
          "ca", List.of("model", "pki"),
          "control", List.of("model", "pki", "policy", "xds", "ca"),
          "proxy", List.of("pki", "policy", "xds"),
          "prove", List.of("model", "policy"),
          "doctor", List.of("model", "pki", "policy", "xds", "ca", "control", "prove"),
          "cli",
              List.of(
                  "model", "pki", "policy", "xds", "ca", "control", "proxy", "prove", "doctor"));

  /** What of another module a module may use although its arrow doesn't go there. */
  private static final Map<String, List<String>> DOORS =
      Map.of("proxy", List.of("io.selvage.ca.client..", "io.selvage.ca.proto.."));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.selvage");

  @TestFactory
  Stream<DynamicTest> aModuleKnowsOnlyThoseOnItsLeft() {
    return new TreeSet<>(ARROWS.keySet())
        .stream()
            .map(
                module ->
                    DynamicTest.dynamicTest(
                        module + " may use " + ARROWS.get(module),
                        () ->
                            noClasses()
                                .that()
                                .resideInAPackage("io.selvage." + module + "..")
                                .should()
                                .dependOnClassesThat(foreignTo(module))
                                .check(CLASSES)));
  }

  private static DescribedPredicate<JavaClass> foreignTo(String module) {
    String[] open =
        Stream.concat(
                Stream.concat(Stream.of(module), arrows(module).stream())
                    .map(name -> "io.selvage." + name + ".."),
                DOORS.getOrDefault(module, List.of()).stream())
            .toArray(String[]::new);
    return resideInAPackage("io.selvage..").and(DescribedPredicate.not(resideInAnyPackage(open)));
  }

  private static List<String> arrows(String module) {
    return ARROWS.getOrDefault(module, List.of());
  }

  @Test
  void everyModuleHasItsArrows() {
    assertThat(
            CLASSES.stream()
                .map(type -> type.getPackageName().split("\\."))
                .filter(parts -> parts.length > 2)
                .map(parts -> parts[2])
                .distinct())
        .isSubsetOf(ARROWS.keySet());
  }

  @Test
  void onlyTheEdgesToKubernetesKnowItsClient() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.selvage.control.kubernetes..",
            "io.selvage.doctor.kubernetes..",
            "io.selvage.cli.command..")
        .should()
        .dependOnClassesThat(resideInAnyPackage("io.fabric8..", "io.selvage.control.kubernetes.."))
        .because("a mesh on one machine must not load it")
        .check(CLASSES);
  }

  @Test
  void timeIsAParameter() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.selvage.cli..")
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Clock.class, "systemDefaultZone")
        .because("a test must be able to set the clock; edges pass InstantSource.system() in")
        .check(CLASSES);
  }

  @Test
  void nothingSleepsBehindTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.selvage.cli..")
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", java.time.Duration.class)
        .because("waiting is for an event or for a scheduler that a test can drive")
        .check(CLASSES);
  }

  @Test
  void rootsOfOneSubjectAreAllTrusted() {
    noClasses()
        .should()
        .callMethod(TlsChannelCredentials.Builder.class, "trustManager", InputStream.class)
        .orShould()
        .callMethod(TlsChannelCredentials.Builder.class, "trustManager", File.class)
        .because("gRPC keeps the last root of a subject alone: TrustBundle.hostTrustManager has all")
        .check(CLASSES);
  }

  @Test
  void namesAreTheFieldsOwn() {
    noClasses()
        .that()
        .areNotAssignableTo(javax.net.ssl.TrustManager.class)
        .and()
        .areNotAssignableTo(javax.net.ssl.KeyManager.class)
        .should()
        .haveSimpleNameEndingWith("Util")
        .orShould()
        .haveSimpleNameEndingWith("Utils")
        .orShould()
        .haveSimpleNameEndingWith("Impl")
        .orShould()
        .haveSimpleNameEndingWith("Manager")
        .orShould()
        .haveSimpleNameEndingWith("Helper")
        .orShould()
        .haveSimpleNameEndingWith("Processor")
        .orShould()
        .haveSimpleNameStartingWith("Abstract")
        .orShould()
        .resideInAnyPackage("..util..", "..utils..", "..common..", "..impl..", "..helper..")
        .check(CLASSES);
  }

  @Test
  void theTypestateOfAConnectionCannotBeForged() {
    for (String token : List.of("MatchedChain", "VerifiedPeer", "Permit")) {
      List<JavaClass> found =
          CLASSES.stream().filter(type -> type.getSimpleName().equals(token)).toList();
      assertThat(found).as(token).hasSize(1);
      assertThat(found.getFirst().getConstructors())
          .as(token + "'s constructors")
          .allMatch(
              constructor ->
                  constructor
                      .getModifiers()
                      .contains(com.tngtech.archunit.core.domain.JavaModifier.PRIVATE));
    }
  }
}
