package io.selvage.xds.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.policy.Authorization;
import io.selvage.policy.Authorization.Stage;
import io.selvage.xds.Sidecar;
import io.selvage.xds.resource.ExtensionConfig.Layer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DiscoveryTest {
  private static final Map<String, ExtensionConfig> KNOWN =
      Stream.of(
              Sidecar.extension("deny", Layer.NETWORK, Optional.of(Sidecar.deny())),
              Sidecar.extension("nothing", Layer.NETWORK, Optional.empty()),
              Sidecar.extension("ofRequests", Layer.HTTP, Optional.of(Sidecar.deny())))
          .collect(Collectors.toMap(ExtensionConfig::name, known -> known));

  private final Discovery discovery = new Discovery(name -> Optional.ofNullable(KNOWN.get(name)));

  @Test
  void rulesOfAConnectionFollowThoseInTheListener() {
    Listener listener = tcp(List.of(Sidecar.custom()), "deny", "nothing");

    assertThat(discovery.missing(listener)).isEmpty();
    assertThat(listener.isWhole()).isFalse();
    assertThat(discovery.whole(listener))
        .isEqualTo(tcp(List.of(Sidecar.custom(), Sidecar.deny())))
        .satisfies(whole -> assertThat(whole.isWhole()).isTrue());
  }

  @Test
  void theChainThatIsTakenWhenNoneMatchesIsNoException() {
    Listener listener = tcp(List.of(), "deny");
    Listener fallback =
        listener.withChains(List.of(), Optional.of(listener.filterChains().getFirst()));

    assertThat(fallback.isWhole()).isFalse();
    assertThat(discovery.whole(fallback).defaultFilterChain())
        .contains(tcp(List.of(Sidecar.deny())).filterChains().getFirst());
  }

  @Test
  void aFilterOfAnotherLayerIsAsGoodAsMissing() {
    Listener listener = tcp(List.of(), "ofRequests", "unheardOf", "unheardOf");

    assertThat(discovery.missing(listener))
        .containsExactly("extension ofRequests", "extension unheardOf");
    assertThatThrownBy(() -> discovery.whole(listener)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aListenerThatHoldsAllOfItsFiltersIsLeftAlone() {
    Listener listener = Sidecar.inbound(List.of(Sidecar.deny()));

    assertThat(discovery.missing(listener)).isEmpty();
    assertThat(discovery.whole(listener)).isSameAs(listener);
  }

  private static Listener tcp(List<Stage> stages, String... names) {
    return Sidecar.inbound(List.of())
        .withChains(
            List.of(
                new FilterChain(
                    "tcp",
                    new FilterChain.Match(
                        OptionalInt.empty(),
                        List.of(),
                        List.of(),
                        FilterChain.Transport.ANY,
                        List.of(),
                        List.of()),
                    Optional.empty(),
                    new NetworkStack.Tcp(
                        "",
                        new Authorization(stages),
                        List.of(),
                        List.of(names),
                        "cluster",
                        Duration.ZERO,
                        Optional.empty()))),
            Optional.empty());
  }
}
