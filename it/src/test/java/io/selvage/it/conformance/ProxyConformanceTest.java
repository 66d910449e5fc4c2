package io.selvage.it.conformance;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every case, asked of our proxy and of an unchanged Envoy under our control plane. */
@Tag("real")
class ProxyConformanceTest {
  private static final TokenMint MINT = new TokenMint();

  @TempDir private static Path home;
  private static SelvageSubject ours;

  @BeforeAll
  static void up() throws Exception {
    ours = new SelvageSubject(home, MINT);
  }

  @AfterAll
  static void down() {
    ours.close();
  }

  @TestFactory
  Stream<DynamicNode> selvage() {
    return ConformanceTests.of(ours, CaseSelection.sets());
  }
}
