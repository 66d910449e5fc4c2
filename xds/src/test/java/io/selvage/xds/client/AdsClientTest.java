package io.selvage.xds.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.selvage.xds.Exchange;
import io.selvage.xds.Sidecar;
import io.selvage.xds.XdsType;
import io.selvage.xds.encode.ResourceEncoder;
import io.selvage.xds.resource.ExtensionConfig.Layer;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.server.ClientStatus;
import io.selvage.xds.server.EncodedResource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client against our own server, in both variants ({@code delta} or state of the world). */
class AdsClientTest {
  private final Exchange exchange = new Exchange();
  private final List<ProxyConfig> configs = new ArrayList<>();

  @AfterEach
  void close() {
    exchange.close();
  }

  private AdsClient client(boolean delta) {
    return exchange.client(delta, configs::add);
  }

  private void giveAll() {
    exchange.give(Sidecar.resources());
    exchange.give(Sidecar.secrets());
  }

  private ClientStatus.TypeStatus status(XdsType type) {
    return exchange.ads().status().getFirst().types().stream()
        .filter(status -> status.type() == type)
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aWholeConfigurationComesAtOnce(boolean delta) {
    giveAll();
    client(delta);
    assertThat(configs).hasSize(1);
    assertThat(configs.getLast().listeners()).containsOnlyKeys("virtualInbound", "0.0.0.0_8000");
    assertThat(configs.getLast().routes()).containsOnlyKeys("8000");
    assertThat(configs.getLast().endpoints()).hasSize(1);
    assertThat(configs.getLast().secrets()).containsKey("ROOTCA");
    assertThat(exchange.ads().status().getFirst().types())
        .filteredOn(type -> type.type() != XdsType.EXTENSION)
        .allSatisfy(type -> assertThat(type.state()).isEqualTo(ClientStatus.State.SYNCED));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void filtersThatAListenerNamesAreInItBeforeItIsUsed(boolean delta) {
    giveAll();
    exchange.give(naming("custom", "deny", "allow"));
    exchange.give(Sidecar.extension("deny", Layer.HTTP, Optional.of(Sidecar.deny())));
    exchange.give(Sidecar.extension("custom", Layer.HTTP, Optional.empty()));
    AdsClient client = client(delta);
    assertThat(configs).isEmpty();
    assertThat(client.state().waiting())
        .containsExactly("listener virtualInbound waits for extension allow");

    exchange.give(Sidecar.extension("allow", Layer.HTTP, Optional.of(Sidecar.allow("/headers"))));

    assertThat(configs.getLast().listeners())
        .containsEntry(
            "virtualInbound", Sidecar.inbound(List.of(Sidecar.deny(), Sidecar.allow("/headers"))));
    assertThat(status(XdsType.EXTENSION).state()).isEqualTo(ClientStatus.State.SYNCED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFilterThatChangesMakesAnotherListener(boolean delta) {
    giveNaming("deny");
    client(delta);
    assertThat(configs).hasSize(1);

    exchange.give(Sidecar.extension("deny", Layer.HTTP, Optional.of(Sidecar.allow("/ip"))));

    assertThat(configs).hasSize(2);
    assertThat(configs.getLast().listeners())
        .containsEntry("virtualInbound", Sidecar.inbound(List.of(Sidecar.allow("/ip"))));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFilterThatGoesOrIsOfAnotherLayerLeavesTheListenerAsItWas(boolean delta) {
    giveNaming("deny");
    AdsClient client = client(delta);
    Listener before = Sidecar.inbound(List.of(Sidecar.deny()));

    exchange.give(Sidecar.extension("deny", Layer.NETWORK, Optional.empty()));
    assertThat(configs.getLast().listeners()).containsEntry("virtualInbound", before);
    assertThat(client.state().waiting())
        .containsExactly("listener virtualInbound waits for extension deny");
    exchange.take(XdsType.EXTENSION, "deny");
    assertThat(configs.getLast().listeners()).containsEntry("virtualInbound", before);
  }

  @Test
  void aListenerIsNotUsedWithFiltersThatCameForTheNextOne() {
    giveNaming("deny", "of/1");
    exchange.give(Sidecar.extension("of/1", Layer.HTTP, Optional.empty()));
    client(true);
    Listener before = Sidecar.inbound(List.of(Sidecar.deny()));
    assertThat(configs.getLast().listeners()).containsEntry("virtualInbound", before);
    configs.clear();

    giveTheNextListenerWithItsFilters();

    assertThat(configs)
        .extracting(config -> config.listeners().get("virtualInbound"))
        .containsExactly(renumbered(Sidecar.inbound(List.of(Sidecar.allow("/ip")))));
    exchange.forget(XdsType.EXTENSION, "deny");
    exchange.forget(XdsType.EXTENSION, "of/2");
    exchange.give(before);
    assertThat(configs.getLast().listeners()).containsEntry("virtualInbound", before);
    assertThat(configs).hasSize(2);
  }

  @Test
  void whatWasMissedWhileTheControlPlaneWasAwayIsNotMixedEither() {
    giveNaming("deny", "of/1");
    exchange.give(Sidecar.extension("of/1", Layer.HTTP, Optional.empty()));
    client(true);
    configs.clear();

    exchange.stopServer();
    giveTheNextListenerWithItsFilters();
    exchange.replaceServer();
    exchange.scheduler.pass(Duration.ofSeconds(2));

    assertThat(configs)
        .extracting(config -> config.listeners().get("virtualInbound"))
        .containsExactly(renumbered(Sidecar.inbound(List.of(Sidecar.allow("/ip")))));
    assertThat(status(XdsType.EXTENSION).state()).isEqualTo(ClientStatus.State.SYNCED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBadFilterIsRefusedAndTheListenerStaysUntilAGoodOneComes(boolean delta) {
    giveNaming("deny");
    client(delta);

    exchange.give(
        EncodedResource.of(
            XdsType.EXTENSION,
            "deny",
            Any.pack(
                TypedExtensionConfig.newBuilder()
                    .setName("deny")
                    .setTypedConfig(
                        Any.newBuilder()
                            .setTypeUrl(
                                "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"))
                    .build())));
    exchange.push();

    assertThat(configs).hasSize(1);
    assertThat(status(XdsType.EXTENSION).state()).isEqualTo(ClientStatus.State.NACKED);
    assertThat(status(XdsType.EXTENSION).nack().orElseThrow().detail())
        .contains("SLV7301", "deny", "lua.v3.Lua");

    exchange.give(Sidecar.extension("deny", Layer.HTTP, Optional.of(Sidecar.allow("/ip"))));
    assertThat(configs.getLast().listeners())
        .containsEntry("virtualInbound", Sidecar.inbound(List.of(Sidecar.allow("/ip"))));
    assertThat(status(XdsType.EXTENSION).state()).isEqualTo(ClientStatus.State.SYNCED);
  }

  @Test
  void filtersWithWhichAListenerCannotBeUsedAreRefusedAndTheLastGoodStays() {
    giveNaming("deny");
    Listener unusable = Sidecar.inbound(List.of(Sidecar.allow("/too-much")));
    exchange.client(
        true,
        config -> {
          if (config.listeners().containsValue(unusable)) {
            throw new ConfigRejected(List.of("too much"));
          }
          configs.add(config);
        });

    exchange.give(Sidecar.extension("deny", Layer.HTTP, Optional.of(Sidecar.allow("/too-much"))));
    assertThat(status(XdsType.EXTENSION).nack().orElseThrow().detail()).contains("too much");
    assertThat(status(XdsType.LISTENER).state()).isEqualTo(ClientStatus.State.SYNCED);
    assertThat(configs).hasSize(1);

    exchange.give(Sidecar.extension("deny", Layer.HTTP, Optional.of(Sidecar.allow("/ip"))));
    assertThat(configs.getLast().listeners())
        .containsEntry("virtualInbound", Sidecar.inbound(List.of(Sidecar.allow("/ip"))));
  }

  /** All, with a listener that names filters, of which one denies. */
  private void giveNaming(String... names) {
    giveAll();
    exchange.give(naming(names));
    exchange.give(Sidecar.extension("deny", Layer.HTTP, Optional.of(Sidecar.deny())));
  }

  /** At once: another listener, another filter, and the mark of the former gone. */
  private void giveTheNextListenerWithItsFilters() {
    exchange.forget(XdsType.EXTENSION, "of/1");
    exchange.give(
        List.of(
            renumbered(naming("deny", "of/2")),
            Sidecar.extension("deny", Layer.HTTP, Optional.of(Sidecar.allow("/ip"))),
            Sidecar.extension("of/2", Layer.HTTP, Optional.empty())));
  }

  private static Listener renumbered(Listener from) {
    return with(from.name(), from.port() + 1, from);
  }

  private static Listener naming(String... names) {
    return Sidecar.inboundNaming(List.of(names));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theWorkloadsOwnKeyIsNeverAskedForEvenWhereTheControlPlaneHasOne(boolean delta) {
    giveAll();
    client(delta);
    assertThat(configs.getLast().secrets()).doesNotContainKey("default");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aListenerWaitsForItsSecretsAndRoutes(boolean delta) {
    exchange.give(Sidecar.resources());
    exchange.take(XdsType.ROUTES, "8000");
    AdsClient client = client(delta);
    assertThat(configs).isEmpty();
    assertThat(client.state().waiting())
        .anySatisfy(text -> assertThat(text).contains("virtualInbound", "secret ROOTCA"))
        .anySatisfy(text -> assertThat(text).contains("0.0.0.0_8000", "routes 8000"));
    exchange.give(Sidecar.secrets());
    assertThat(configs).isEmpty();
    exchange.give(Sidecar.routes("8000"));
    assertThat(configs).hasSize(1);
    assertThat(client.state().waiting()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsWholeIsUsedWithoutTheRestAfterAWhile(boolean delta) {
    exchange.give(Sidecar.resources());
    client(delta);
    assertThat(configs).isEmpty();
    exchange.scheduler.pass(Duration.ofSeconds(15));
    assertThat(configs).hasSize(1);
    assertThat(configs.getLast().listeners()).containsOnlyKeys("0.0.0.0_8000");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aChangedListenerKeepsTheOldOneUntilItsRoutesCome(boolean delta) {
    giveAll();
    AdsClient client = client(delta);
    Listener renamed = renamed(Sidecar.outbound("9000"), "0.0.0.0_8000");
    exchange.give(renamed);
    assertThat(configs.getLast().listeners().get("0.0.0.0_8000"))
        .isEqualTo(Sidecar.outbound("8000"));
    assertThat(configs.getLast().routes()).containsKey("8000");
    assertThat(client.state().waiting()).singleElement().asString().contains("routes 9000");
    exchange.give(Sidecar.routes("9000"));
    assertThat(configs.getLast().listeners().get("0.0.0.0_8000")).isEqualTo(renamed);
    assertThat(configs.getLast().routes()).containsOnlyKeys("9000");
  }

  private static Listener renamed(Listener from, String name) {
    return with(name, from.port(), from);
  }

  private static Listener with(String name, int port, Listener from) {
    return new Listener(
        name,
        from.direction(),
        from.address(),
        port,
        from.bindToPort(),
        from.useOriginalDestination(),
        from.originalDestinationFilter(),
        from.filterChains(),
        from.defaultFilterChain(),
        from.accessLog());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPolicyChangeComesAsANewConfiguration(boolean delta) {
    giveAll();
    client(delta);
    Listener changed = Sidecar.inbound(List.of(Sidecar.deny()));
    exchange.give(changed);
    assertThat(configs).hasSize(2);
    assertThat(configs.getLast().listeners()).containsEntry("virtualInbound", changed);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRemovedListenerIsGone(boolean delta) {
    giveAll();
    client(delta);
    exchange.take(XdsType.LISTENER, "0.0.0.0_8000");
    assertThat(configs.getLast().listeners()).containsOnlyKeys("virtualInbound");
    assertThat(configs.getLast().routes()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBadResourceIsRefusedWithTheReasonAndTheLastGoodStays(boolean delta) {
    giveAll();
    AdsClient client = client(delta);
    exchange.give(EncodedResource.of(XdsType.LISTENER, "virtualInbound", bad()));
    exchange.give(renamed(Sidecar.outbound("8000"), "0.0.0.0_8001"));
    assertThat(configs).hasSize(1);
    assertThat(status(XdsType.LISTENER).state()).isEqualTo(ClientStatus.State.NACKED);
    assertThat(status(XdsType.LISTENER).nack())
        .hasValueSatisfying(
            nack -> {
              assertThat(nack.detail()).contains("SLV7301", "virtualInbound", "enable_mptcp");
              assertThat(nack.at()).isEqualTo(Sidecar.NOW);
            });
    assertThat(client.state().types()).filteredOn(type -> type.refused().isPresent()).hasSize(1);

    exchange.give(Sidecar.inbound(List.of(Sidecar.deny())));
    assertThat(configs).hasSize(2);
    assertThat(configs.getLast().listeners()).hasSize(3);
    assertThat(status(XdsType.LISTENER).state()).isEqualTo(ClientStatus.State.SYNCED);
    assertThat(status(XdsType.LISTENER).nack()).isPresent();
  }

  private static Any bad() {
    var listener =
        (io.envoyproxy.envoy.config.listener.v3.Listener)
            ResourceEncoder.message(Sidecar.inbound(List.of()));
    return Any.pack(listener.toBuilder().setEnableMptcp(true).build());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatItsUserRejectsIsRefusedAndTheNextTriedAgain(boolean delta) {
    giveAll();
    boolean[] full = {false};
    exchange.client(
        delta,
        config -> {
          if (full[0]) {
            throw new ConfigRejected(List.of("port 15006 is taken"));
          }
          configs.add(config);
        });
    full[0] = true;
    exchange.give(Sidecar.inbound(List.of(Sidecar.deny())));
    assertThat(status(XdsType.LISTENER).nack().orElseThrow().detail()).contains("port 15006");
    full[0] = false;
    exchange.give(Sidecar.inbound(List.of(Sidecar.allow("/x"))));
    assertThat(configs).hasSize(2);
    assertThat(status(XdsType.LISTENER).state()).isEqualTo(ClientStatus.State.SYNCED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void itGoesOnWhileTheControlPlaneIsAwayAndComesBackWithWhatItHas(boolean delta) {
    giveAll();
    AdsClient client = client(delta);
    exchange.stopServer();
    assertThat(client.state().connectedSince()).isEmpty();
    assertThat(client.state().lastError().orElseThrow().text()).startsWith("SLV7002: ");
    assertThat(configs).hasSize(1);
    assertThat(exchange.scheduler.waiting())
        .singleElement()
        .satisfies(
            delay -> assertThat(delay).isBetween(Duration.ofMillis(800), Duration.ofMillis(1200)));

    exchange.scheduler.pass(Duration.ofMillis(1200));
    assertThat(exchange.scheduler.waiting())
        .singleElement()
        .satisfies(delay -> assertThat(delay).isGreaterThan(Duration.ofMillis(1200)));

    exchange.replaceServer();
    exchange.scheduler.pass(Duration.ofSeconds(2));
    assertThat(client.state().connectedSince()).isPresent();
    exchange.give(Sidecar.inbound(List.of(Sidecar.deny())));
    assertThat(configs.getLast().listeners())
        .containsEntry("virtualInbound", Sidecar.inbound(List.of(Sidecar.deny())));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void endpointsThatTheControlPlaneDoesNotKnowAreNoneInDelta(boolean delta) {
    giveAll();
    exchange.take(XdsType.ENDPOINTS, "outbound|8000||httpbin.sample.svc.cluster.local");
    AdsClient client = client(delta);
    if (delta) {
      assertThat(configs.getLast().endpoints().values())
          .singleElement()
          .satisfies(endpoints -> assertThat(endpoints.localities()).isEmpty());
    } else {
      assertThat(client.state().waiting()).singleElement().asString().contains("endpoints");
    }
  }

  @Test
  void aThousandClientsAllGetTheChange() {
    giveAll();
    int clients = 1000;
    List<ProxyConfig> last = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      int index = i;
      last.add(ProxyConfig.EMPTY);
      exchange.client(
          "sidecar~10.1.2.3~w" + i + ".sample~sample.svc.cluster.local",
          true,
          config -> last.set(index, config));
    }
    Listener changed = Sidecar.inbound(List.of(Sidecar.deny()));
    exchange.give(changed);
    assertThat(last)
        .hasSize(clients)
        .allSatisfy(
            config -> assertThat(config.listeners().get("virtualInbound")).isEqualTo(changed));
    assertThat(exchange.ads().status()).hasSize(clients);
  }
}
