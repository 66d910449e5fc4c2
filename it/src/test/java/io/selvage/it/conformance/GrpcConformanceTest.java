package io.selvage.it.conformance;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The cases that a gRPC server without a proxy can be asked. */
@Tag("real")
class GrpcConformanceTest {
  private static final TokenMint MINT = new TokenMint();

  @TempDir private static Path home;
  private static GrpcSubject grpc;

  @BeforeAll
  static void up() throws Exception {
    grpc = new GrpcSubject(home, MINT);
  }

  @AfterAll
  static void down() {
    grpc.close();
  }

  @TestFactory
  Stream<DynamicNode> grpc() {
    return ConformanceTests.of(grpc, CaseSelection.sets());
  }
}
