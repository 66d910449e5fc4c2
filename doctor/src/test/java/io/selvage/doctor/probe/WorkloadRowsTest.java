package io.selvage.doctor.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.evidence.ProbeOutcome.Purpose;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Workloads' ports, asked some together. */
final class WorkloadRowsTest {
  private static final Look<Handshake.Served> NO_CHAIN = Look.unseen("no certificate was served");

  /** Answers with the last part of the port's number, but for one. */
  private record Played(String name, int together, String broken, List<Integer> sizes)
      implements Asker {
    @Override
    public CurlAnswer get(String url, String... headers) {
      throw new IllegalStateException("these are asked together");
    }

    @Override
    public Look<Handshake.Served> handshake(String address, int port) {
      throw new IllegalStateException("these are asked together");
    }

    @Override
    public List<CurlAnswer> getAll(List<String> urls) throws ProbeFailed {
      sizes.add(urls.size());
      if (urls.stream().anyMatch(url -> url.equals(broken))) {
        throw new ProbeFailed("cut off");
      }
      return urls.stream().map(url -> new CurlAnswer(0, status(url), "", "")).toList();
    }

    private static int status(String url) {
      return Integer.parseInt(url.replaceAll(".*:([0-9]+)/", "$1"));
    }

    @Override
    public List<Look<Handshake.Served>> handshakes(List<ProbeTarget> targets) {
      return targets.stream().map(_ -> NO_CHAIN).toList();
    }
  }

  private static Played played(String name, int together, String broken) {
    return new Played(name, together, broken, new CopyOnWriteArrayList<>());
  }

  private static ProbeFindings asked(int count, Played outside, Optional<Asker> inside)
      throws InterruptedException {
    List<ProbeTarget> targets =
        IntStream.range(0, count)
            .mapToObj(i -> new ProbeTarget("shop", "web", "web-1", "10.0.0.1", "web", 100 + i, i))
            .toList();
    Rows rows = new Rows();
    new WorkloadRows(targets, outside, inside, new ProbeFailed("no sidecar"), rows).send();
    return rows.findings();
  }

  private static List<ProbeOutcome> outcomes(ProbeFindings of, Purpose purpose) {
    return of.outcomes().found().orElseThrow().stream()
        .filter(one -> one.purpose() == purpose)
        .toList();
  }

  @Test
  void everyPortHasItsOwnAnswer() throws Exception {
    Played outside = played("outside", 25, "");
    ProbeFindings findings = asked(203, outside, Optional.of(played("mesh/caller", 25, "")));
    for (Purpose purpose : List.of(Purpose.PLAINTEXT, Purpose.MESH_IDENTITY)) {
      assertThat(outcomes(findings, purpose))
          .hasSize(203)
          .allSatisfy(
              one -> assertThat(one.result()).isEqualTo(Integer.toString(100 + one.port())));
    }
    assertThat(findings.handshakes()).hasSize(203);
    assertThat(outside.sizes()).hasSize(9).allMatch(size -> size <= 25);
  }

  @Test
  void aFewAreAskedAtOnceAndNotOneAfterTheOther() throws Exception {
    Played outside = played("outside", 25, "");
    assertThat(outcomes(asked(8, outside, Optional.empty()), Purpose.PLAINTEXT)).hasSize(8);
    assertThat(outside.sizes()).containsOnly(1).hasSize(8);
    assertThat(asked(0, outside, Optional.empty()).handshakes()).isEmpty();
  }

  @Test
  void whatIsCutOffIsMissingAloneWithItsNeighbours() throws Exception {
    ProbeFindings findings =
        asked(20, played("outside", 4, "http://web.shop.svc:105/"), Optional.empty());
    assertThat(outcomes(findings, Purpose.PLAINTEXT))
        .hasSize(20)
        .filteredOn(one -> one.result().equals(ProbeOutcome.NOT_SENT))
        .extracting(ProbeOutcome::port)
        .containsExactlyInAnyOrder(3, 4, 5);
    assertThat(outcomes(findings, Purpose.MESH_IDENTITY))
        .hasSize(20)
        .allSatisfy(one -> assertThat(one.result()).isEqualTo(ProbeOutcome.NOT_SENT));
  }
}
