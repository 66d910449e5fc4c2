package io.selvage.prove;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.SourceLocation;
import io.selvage.prove.Options.IpIdentity;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What is assumed of callers: that they are known, and that their addresses tell who they are. */
class KnownWorldTest {
  private static final ProvedWorkload FRONT = at("web", "front", "10.0.0.1");
  private static final ProvedWorkload NIGHTLY = at("batch", "nightly", "10.0.0.2");

  private static ProvedWorkload at(String namespace, String name, String... addresses) {
    return new ProvedWorkload(
        "",
        namespace,
        name,
        Map.of("app", name),
        Optional.of("spiffe://cluster.local/ns/" + namespace + "/sa/" + name),
        List.of(),
        Arrays.stream(addresses).map(InetAddress::ofLiteral).toList(),
        true,
        SourceLocation.UNKNOWN);
  }

  /** Who may call the ledger, as far as the witness and rows tell. */
  private static Set<String> callers(Options options, String rules, ProvedWorkload... callers) {
    List<ProvedWorkload> all = new ArrayList<>(List.of(Fixtures.LEDGER));
    all.addAll(List.of(callers));
    Mesh mesh = Mesh.of("test", Fixtures.snapshot(Fixtures.policy("p", "ALLOW", rules)), all);
    Set<String> found = new TreeSet<>();
    for (ReachReport.Reach reach :
        new Prover(options)
            .reach(mesh, new SourceSelection.Anybody(), WorkloadSelection.ALL)
            .reaches()) {
      if (reach.place().workload().equals(Fixtures.LEDGER)) {
        for (Row row : reach.rows()) {
          row.known().forEach(each -> found.add(each.substring(each.indexOf("/ns/") + 4)));
          if (row.unknown()) {
            found.add("unknown");
          }
          if (row.plaintext()) {
            found.add("plaintext");
          }
        }
      }
    }
    return found;
  }

  private static final String FROM_FRONTS_ADDRESS =
      "  - from: [{source: {ipBlocks: [10.0.0.1]}}]\n";

  private static final Options INVENTORY = Options.DEFAULT.withIpIdentity(IpIdentity.INVENTORY);

  @Test
  void freeAddressesTellNothing() {
    assertThat(callers(Options.DEFAULT, FROM_FRONTS_ADDRESS, FRONT, NIGHTLY))
        .containsExactlyInAnyOrder(
            "web/sa/front", "batch/sa/nightly", "payments/sa/ledger", "unknown", "plaintext");
  }

  @Test
  void aKnownAddressIsItsWorkloadOrPlaintext() {
    assertThat(callers(INVENTORY, FROM_FRONTS_ADDRESS, FRONT, NIGHTLY))
        .containsExactlyInAnyOrder("web/sa/front", "plaintext");
  }

  @Test
  void aWorkloadCallsFromNowhereElse() {
    assertThat(
            callers(INVENTORY, "  - from: [{source: {notIpBlocks: [10.0.0.1]}}]\n", FRONT, NIGHTLY))
        .contains("batch/sa/nightly", "unknown", "plaintext")
        .doesNotContain("web/sa/front");
  }

  @Test
  void whatHasTwoAddressesMayUseBoth() {
    String second = "  - from: [{source: {ipBlocks: [10.0.0.9]}}]\n";
    assertThat(callers(INVENTORY, second, at("web", "front", "10.0.0.1", "10.0.0.9"), NIGHTLY))
        .containsExactlyInAnyOrder("web/sa/front", "plaintext");
  }

  @Test
  void aWorkloadOfUnknownAddressCallsFromAnyThatIsNobodys() {
    ProvedWorkload nowhere = at("web", "front");
    assertThat(
            callers(INVENTORY, "  - from: [{source: {ipBlocks: [10.0.0.2]}}]\n", nowhere, NIGHTLY))
        .containsExactlyInAnyOrder("batch/sa/nightly", "plaintext");
    assertThat(
            callers(INVENTORY, "  - from: [{source: {ipBlocks: [10.0.0.7]}}]\n", nowhere, NIGHTLY))
        .contains("web/sa/front")
        .doesNotContain("batch/sa/nightly");
  }

  @Test
  void knownIdentitiesAreThoseOfTheInventoryAlone() {
    Options known = Options.DEFAULT.withUnknownIdentities(false);
    assertThat(callers(known, "  - from: [{source: {notNamespaces: [batch]}}]\n", FRONT, NIGHTLY))
        .containsExactlyInAnyOrder("web/sa/front", "payments/sa/ledger", "plaintext");
    assertThat(callers(known, "  - from: [{source: {namespaces: [nobodys]}}]\n", FRONT, NIGHTLY))
        .isEmpty();
    assertThat(
            callers(
                Options.DEFAULT, "  - from: [{source: {namespaces: [nobodys]}}]\n", FRONT, NIGHTLY))
        .containsExactly("unknown");
  }
}
