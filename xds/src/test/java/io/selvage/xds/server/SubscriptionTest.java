package io.selvage.xds.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.xds.Sidecar;
import io.selvage.xds.XdsType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SubscriptionTest {
  private int nonces;

  private static EncodedResource route(String name) {
    return EncodedResource.of(Sidecar.routes(name));
  }

  private static TypeResources routes(String... names) {
    return TypeResources.of(Stream.of(names).map(SubscriptionTest::route).toList());
  }

  private static TypeResources listener(String path) {
    return TypeResources.of(
        List.of(EncodedResource.of(Sidecar.inbound(List.of(Sidecar.allow(path))))));
  }

  private Optional<Subscription.Outgoing> next(Subscription subscription, TypeResources now) {
    nonces++;
    return subscription.next(now, "n" + nonces);
  }

  private static List<String> names(Optional<Subscription.Outgoing> outgoing) {
    return outgoing.orElseThrow().resources().stream().map(EncodedResource::name).toList();
  }

  @Test
  void nothingIsSentBeforeItIsAskedFor() {
    assertThat(next(new Subscription(XdsType.LISTENER, true), listener("/a"))).isEmpty();
  }

  @Test
  void aSlowClientIsSentTheNewestOnlyWhenItAnswers() {
    Subscription subscription = new Subscription(XdsType.LISTENER, true);
    subscription.onDelta(Set.of(), Set.of(), Map.of());
    assertThat(next(subscription, listener("/1"))).isPresent();
    assertThat(next(subscription, listener("/2"))).isEmpty();
    assertThat(next(subscription, listener("/3"))).isEmpty();
    subscription.onAck();
    assertThat(next(subscription, listener("/4")).orElseThrow().version())
        .isEqualTo(listener("/4").version());
    subscription.onAck();
    assertThat(subscription.status(listener("/4")).state()).isEqualTo(ClientStatus.State.SYNCED);
  }

  @Test
  void whatChangesAndChangesBackBehindAResponseIsSentAgain() {
    for (boolean delta : List.of(true, false)) {
      Subscription subscription = new Subscription(XdsType.LISTENER, delta);
      subscription.onDelta(Set.of(), Set.of(), Map.of());
      next(subscription, listener("/1"));
      subscription.onAck();
      assertThat(next(subscription, listener("/1"))).as("it has it").isEmpty();

      assertThat(next(subscription, listener("/2"))).isPresent();
      assertThat(next(subscription, listener("/1"))).as("the response is out").isEmpty();
      subscription.onAck();

      assertThat(next(subscription, listener("/1"))).isPresent();
      subscription.onAck();
      assertThat(next(subscription, listener("/1"))).isEmpty();
    }
  }

  @Test
  void whatIsRefusedIsNotSentAgainUntilItChangesAndThenWithAllThatWasMissed() {
    Subscription subscription = new Subscription(XdsType.ROUTES, true);
    subscription.onDelta(Set.of("*"), Set.of(), Map.of());
    next(subscription, routes("a"));
    subscription.onAck();
    assertThat(names(next(subscription, routes("a", "b")))).containsExactly("b");
    subscription.onNack("no", Sidecar.NOW);
    assertThat(next(subscription, routes("a", "b"))).isEmpty();
    assertThat(subscription.status(routes("a", "b")).state()).isEqualTo(ClientStatus.State.NACKED);
    assertThat(names(next(subscription, routes("a", "b", "c")))).containsExactly("b", "c");
  }

  @Test
  void aNameThatWasGivenUpAndWantedAgainBehindAResponseIsSentAgain() {
    Subscription subscription = new Subscription(XdsType.ROUTES, true);
    subscription.onDelta(Set.of("b"), Set.of(), Map.of());
    next(subscription, routes("a", "b"));
    subscription.onAck();
    subscription.onDelta(Set.of("a"), Set.of(), Map.of());
    assertThat(names(next(subscription, routes("a", "b")))).containsExactly("a");

    subscription.onDelta(Set.of(), Set.of("a"), Map.of());
    subscription.onDelta(Set.of("a"), Set.of(), Map.of());
    subscription.onAck();

    assertThat(names(next(subscription, routes("a", "b")))).containsExactly("a");
  }

  @Test
  void anotherNonceIsNoAnswer() {
    Subscription subscription = new Subscription(XdsType.LISTENER, true);
    subscription.onDelta(Set.of(), Set.of(), Map.of());
    subscription.next(listener("/1"), "mine");
    assertThat(subscription.isAnswer("other")).isFalse();
    assertThat(subscription.isAnswer("mine")).isTrue();
  }

  @Test
  void aClientThatComesBackIsSentOnlyWhatChangedSince() {
    Subscription subscription = new Subscription(XdsType.ROUTES, true);
    subscription.onDelta(
        Set.of("a", "b", "gone"),
        Set.of(),
        Map.of("a", route("a").version(), "b", "older", "gone", "older"));
    Subscription.Outgoing outgoing = next(subscription, routes("a", "b")).orElseThrow();
    assertThat(outgoing.resources()).extracting(EncodedResource::name).containsExactly("b");
    assertThat(outgoing.removed()).containsExactly("gone");
  }

  @Test
  void aNameThatDoesNotExistIsSaidToBeGoneOnce() {
    Subscription subscription = new Subscription(XdsType.ROUTES, true);
    subscription.onDelta(Set.of("nobody"), Set.of(), Map.of());
    assertThat(next(subscription, routes("a")).orElseThrow().removed()).containsExactly("nobody");
    subscription.onAck();
    assertThat(next(subscription, routes("a", "b"))).isEmpty();
    assertThat(names(next(subscription, routes("nobody")))).containsExactly("nobody");
  }

  @Test
  void aNameAskedForAgainIsSentAgain() {
    Subscription subscription = new Subscription(XdsType.ROUTES, true);
    subscription.onDelta(Set.of("a"), Set.of(), Map.of());
    next(subscription, routes("a"));
    subscription.onAck();
    assertThat(next(subscription, routes("a"))).isEmpty();
    subscription.onDelta(Set.of("a"), Set.of(), Map.of());
    assertThat(names(next(subscription, routes("a")))).containsExactly("a");
  }

  @Test
  void aNameAskedForAgainWhileAnAnswerIsOutIsSentAgain() {
    Subscription subscription = new Subscription(XdsType.ROUTES, true);
    subscription.onDelta(Set.of("a"), Set.of(), Map.of());
    next(subscription, routes("a"));
    subscription.onAck();
    subscription.onDelta(Set.of("b"), Set.of(), Map.of());
    assertThat(names(next(subscription, routes("a", "b")))).containsExactly("b");
    subscription.onDelta(Set.of(), Set.of("a"), Map.of());
    subscription.onDelta(Set.of("a"), Set.of(), Map.of());
    subscription.onAck();
    assertThat(names(next(subscription, routes("a", "b")))).containsExactly("a");
  }

  @Test
  void aNameAskedForWhileARefusedAnswerIsOutIsSentAllTheSame() {
    Subscription subscription = new Subscription(XdsType.ROUTES, true);
    subscription.onDelta(Set.of("a"), Set.of(), Map.of());
    next(subscription, routes("a", "b"));
    subscription.onDelta(Set.of("b"), Set.of(), Map.of());
    subscription.onNack("no", Sidecar.NOW);
    assertThat(names(next(subscription, routes("a", "b")))).contains("b");
  }

  @Test
  void whatIsUnsubscribedWhileAnAnswerIsOutIsNotSaidToBeGone() {
    Subscription subscription = new Subscription(XdsType.ROUTES, true);
    subscription.onDelta(Set.of("a", "b"), Set.of(), Map.of());
    next(subscription, routes("a", "b"));
    subscription.onDelta(Set.of(), Set.of("b"), Map.of());
    subscription.onAck();
    assertThat(next(subscription, routes("a", "b"))).isEmpty();
  }

  @Test
  void onlyTypesThatAreWholeSetsAreSubscribedToByNamingNothing() {
    Subscription endpoints = new Subscription(XdsType.ROUTES, true);
    endpoints.onDelta(Set.of(), Set.of(), Map.of());
    assertThat(next(endpoints, routes("a"))).isEmpty();
    endpoints.onDelta(Set.of("a"), Set.of(), Map.of());
    assertThat(names(next(endpoints, routes("a", "b")))).containsExactly("a");
  }

  @Test
  void aWildcardThatIsTakenBackLeavesTheNames() {
    Subscription subscription = new Subscription(XdsType.ROUTES, true);
    subscription.onDelta(Set.of("*", "a"), Set.of(), Map.of());
    assertThat(names(next(subscription, routes("a", "b")))).containsExactly("a", "b");
    subscription.onAck();
    subscription.onDelta(Set.of(), Set.of("*"), Map.of());
    assertThat(next(subscription, routes("a", "b", "c"))).isEmpty();
    assertThat(next(subscription, routes("b")).orElseThrow().removed()).containsExactly("a");
  }

  @Test
  void whatDependsOnAChangedResourceIsSentAgainIfItWasAskedFor() {
    Subscription subscription = new Subscription(XdsType.ROUTES, true);
    subscription.onDelta(Set.of("a"), Set.of(), Map.of());
    next(subscription, routes("a", "b"));
    subscription.onAck();
    subscription.resend(List.of(route("a"), route("b")));
    assertThat(names(next(subscription, routes("a", "b")))).containsExactly("a");
  }

  @Test
  void inTheStateOfTheWorldANameDroppedAndAskedForAgainMeanwhileIsSentAgain() {
    Subscription subscription = new Subscription(XdsType.ROUTES, false);
    subscription.onNames(List.of("a", "b"));
    next(subscription, routes("a", "b"));
    subscription.onNames(List.of("a"));
    subscription.onNames(List.of("a", "b"));
    subscription.onAck();
    assertThat(names(next(subscription, routes("a", "b")))).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void whatIsUnsubscribedIsNotSentAnyMore() {
    Subscription subscription = new Subscription(XdsType.ROUTES, true);
    subscription.onDelta(Set.of("a", "b"), Set.of(), Map.of());
    next(subscription, routes("a"));
    subscription.onAck();
    subscription.onDelta(Set.of(), Set.of("b"), Map.of());
    assertThat(next(subscription, routes("a", "b"))).isEmpty();
  }

  @Test
  void anEmptyWholeSetIsSaidSoThatTheClientNeedNotWait() {
    for (boolean delta : new boolean[] {true, false}) {
      Subscription subscription = new Subscription(XdsType.LISTENER, delta);
      if (delta) {
        subscription.onDelta(Set.of(), Set.of(), Map.of());
      } else {
        subscription.onNames(Set.of());
      }
      assertThat(next(subscription, TypeResources.NONE)).isPresent();
      subscription.onAck();
      assertThat(next(subscription, TypeResources.NONE)).isEmpty();
    }
  }

  @Test
  void inTheStateOfTheWorldOnlyNamedResourcesAreSentAndOnlyWhenOneOfThemChanged() {
    Subscription subscription = new Subscription(XdsType.ROUTES, false);
    subscription.onNames(List.of("a"));
    assertThat(names(next(subscription, routes("a", "b")))).containsExactly("a");
    subscription.onAck();
    subscription.onNames(List.of("a"));
    assertThat(next(subscription, routes("a", "b", "c"))).isEmpty();
    assertThat(subscription.status(routes("a", "b", "c")).state())
        .isEqualTo(ClientStatus.State.SYNCED);
    subscription.onNames(List.of("a", "c"));
    assertThat(names(next(subscription, routes("a", "b", "c"))))
        .containsExactlyInAnyOrder("a", "c");
  }
}
