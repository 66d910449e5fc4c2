package io.selvage.it.conformance;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every case, asked of Istio itself. */
@Tag("real")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class IstiodConformanceTest {
  @TempDir private Path home;

  @TestFactory
  Stream<DynamicNode> envoyUnderIstiod() throws Exception {
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    return ConformanceTests.of(new IstiodSubject(home, new TokenMint()), CaseSelection.sets());
  }
}
