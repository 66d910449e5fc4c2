package io.selvage.it.conformance;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** Every case, asked of what decides without sockets. */
class InProcessConformanceTest {
  private static final TokenMint MINT = new TokenMint();

  @TestFactory
  Stream<DynamicNode> reference() throws Exception {
    return ConformanceTests.of(InProcess.reference(MINT), CaseSelection.sets());
  }

  @TestFactory
  Stream<DynamicNode> index() throws Exception {
    return ConformanceTests.of(InProcess.index(MINT), CaseSelection.sets());
  }
}
