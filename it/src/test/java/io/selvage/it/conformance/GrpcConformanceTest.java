package io.selvage.it.conformance;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The cases that a gRPC server without a proxy can be asked. */
@Tag("real")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class GrpcConformanceTest {
  @TempDir private Path home;

  @TestFactory
  Stream<DynamicNode> grpc() throws Exception {
    return ConformanceTests.of(new GrpcSubject(home, new TokenMint()), CaseSelection.sets());
  }
}
