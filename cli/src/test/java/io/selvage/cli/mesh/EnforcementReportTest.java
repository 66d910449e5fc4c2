package io.selvage.cli.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EnforcementReportTest {

  private final BlockingQueue<MeshEvent> told = new ArrayBlockingQueue<>(9);
  private Instant now = Instant.parse("2026-03-01T12:00:00Z");
  private final InstantSource clock = () -> now;
  private final EnforcementReport report = new EnforcementReport("east: ", told::add, clock);

  private MeshEvent next() throws InterruptedException {
    MeshEvent event = told.poll(20, TimeUnit.SECONDS);
    assertThat(event).isNotNull();
    return event;
  }

  @Test
  void aChangeIsToldOnceEveryProxyHasTakenIt() throws InterruptedException {
    report.read(3);
    now = now.plusMillis(14);
    report.pushed(2, () -> true, () -> 5);
    report.pushed(3, () -> true, () -> 5);
    report.pushed(4, () -> true, () -> 5);
    assertThat(next().text())
        .isEqualTo("east: configuration 3 is in force at 5 proxies, 14 ms after it was read");
    assertThat(told).isEmpty();
  }

  @Test
  void aProxyThatDoesNotTakeItIsAWarning() throws InterruptedException {
    report.read(3);
    now = now.plusSeconds(11);
    report.pushed(3, () -> false, () -> 5);
    var event = next();
    assertThat(event.kind()).isEqualTo(MeshEvent.Kind.WARNING);
    assertThat(event.text()).contains("not in force everywhere after 10 s");
  }
}
