package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.ExitCode;
import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.control.kubernetes.remote.Reader;
import io.selvage.control.kubernetes.remote.RemoteSecrets;
import io.selvage.control.kubernetes.trust.CommonRoot;
import io.selvage.it.stage.MeshName;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two clusters of one mesh get another root together, while {@code sleep} in east calls {@code
 * httpbin} in west: the intermediate that west was given is followed by one below the new root.
 */
@Tag("real")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RootOfTwoClustersTest {
  private static final String SETTINGS = "{\"trustDomain\": \"it.mesh\"}";

  @TempDir static Path home;
  private final Opened all = new Opened();
  private MeshSide east;
  private MeshSide west;
  private Path kubeconfig;

  @BeforeAll
  void start() throws Exception {
    try {
      MeshNetwork network =
          all.add(
              MeshNetwork.create(
                  new ProcessCommands(),
                  MeshName.of("root"),
                  List.of("east", "west"),
                  home.resolve("netns")));
      east = all.add(MeshSide.start("east", home.resolve("east"), network, 8000, SETTINGS));
      west = all.add(MeshSide.start("west", home.resolve("west"), network, 8001, SETTINGS));
      kubeconfig = both();
      east.control();
      assertThat(common()).isEqualTo(CommonRoot.Outcome.GIVEN);
      west.control();
      east.httpbinService();
      west.httpbinService();
      east.node("n1", "r-east");
      west.node("n1", "r-west");
      new RemoteSecrets(Cluster.ROOT, Reader.SELVAGE, Duration.ofMillis(1))
          .exchange(List.of(east.member(), west.member()));
    } catch (Throwable e) {
      all.close();
      throw e;
    }
  }

  @AfterAll
  void stop() {
    all.close();
  }

  private Path both() throws Exception {
    String files = east.kubeconfig() + ":" + west.kubeconfig();
    var line = List.of(Tool.peer("kubectl").toString(), "config", "view", "--raw", "--flatten");
    // both call their cluster and their user "it"
    String first = Files.readString(east.kubeconfig()).replace("name: it,", "name: east,");
    Files.writeString(
        east.kubeconfig(),
        first.replace("cluster: it,", "cluster: east,").replace("user: it}", "user: east}"));
    return Files.writeString(
        home.resolve("both"), Tool.run(Map.of("KUBECONFIG", files), line).well().out());
  }

  private CommonRoot.Outcome common() throws Exception {
    return new CommonRoot(Cluster.ROOT, "it.mesh", InstantSource.system(), new SecureRandom())
        .share(east.admin(), west.admin());
  }

  /** A step of {@code selvage migrate root} in clusters. */
  private CommandRun step(String step, String... contexts) {
    var line = new ArrayList<>(List.of("migrate", "root", step, "--kubeconfig=" + kubeconfig));
    Arrays.stream(contexts).forEach(context -> line.add("--context=" + context));
    return CommandRun.alone(line);
  }

  private CommandRun step(String step) {
    return step(step, "east", "west");
  }

  private void taken(String step) {
    CommandRun ran = step(step);
    assertThat(ran.exit()).as("%s", ran).isZero();
    assertThat(ran.out()).contains("east: ", "west: ");
  }

  private void refused(CommandRun ran, String... why) {
    assertThat(ran.exit()).as("%s", ran).isEqualTo(ExitCode.FINDINGS);
    assertThat(ran.err()).contains(why);
  }

  private static int trusted(MeshSide side) {
    return side.replica().authority().bundle().roots().size();
  }

  private void aSecondLater() throws Exception {
    for (MeshSide side : List.of(east, west)) {
      Instant before = side.client().now();
      Until.seen("the next second", () -> side.client().now(), now -> now.isAfter(before));
    }
  }

  /** New Pods in the place of those before, as {@code rollout restart} makes them. */
  private Caller restarted(int generation, Caller before) throws Exception {
    aSecondLater();
    var outcomes =
        before.during(
            () -> {
              west.httpbinPod("west-" + generation, "n1");
              west.httpbinEndpoints("west-" + (generation - 1), "west-" + generation);
              west.httpbinEndpoints("west-" + generation);
              Until.seen(
                  "the new Pod serves",
                  () -> before.call("/ip"),
                  ("200 west-" + generation)::equals);
              west.deletePod("west-" + (generation - 1));
              return true;
            });
    assertThat(outcomes.keySet()).allMatch(outcome -> outcome.startsWith("200 "));
    east.pod("sleep-" + generation, "sleep", "n1");
    east.deletePod("sleep-" + (generation - 1));
    return served(generation);
  }

  private Caller served(int generation) throws Exception {
    Caller sleep = east.caller("sleep-" + generation);
    Until.seen("west serves", () -> sleep.call("/ip"), ("200 west-" + generation)::equals);
    return sleep;
  }

  private static List<String> problems(MeshSide side) {
    return side.replica().plane().status().problems().stream()
        .map(Object::toString)
        .filter(text -> text.contains("SLV726"))
        .toList();
  }

  @Test
  @Order(1)
  void theyGetAnotherRootTogetherWithoutALostRequestAndNoneAlone() throws Exception {
    east.pod("sleep-1", "sleep", "n1");
    west.httpbinPod("west-1", "n1");
    west.httpbinEndpoints("west-1");
    Caller sleep = served(1);
    var old = east.replica().authority().signing().authority().root();
    taken("import");
    refused(step("start", "east"), "SLV7282", "west", "--context", "--without");
    assertThat(step("start", "east", "west").exit()).isZero();
    assertThat(step("start").out()).as("again").contains("trusted already, nothing to do");
    Until.seen("east trusts both", () -> trusted(east), two -> two == 2);
    Until.seen("west trusts both", () -> trusted(west), two -> two == 2);
    refused(step("switch", "west"), "SLV7282", "east");
    refused(step("switch"), "SLV7282", "sample/");

    sleep = restarted(2, sleep);
    assertThat(
            sleep.during(
                () -> Until.seen("it is safe", () -> step("switch").exit(), is -> is == 0)))
        .containsOnlyKeys("200 west-2");
    for (MeshSide side : List.of(east, west)) {
      Until.seen(
          side.id() + " signs below the new root",
          () -> side.replica().authority().signing().authority().root(),
          root -> !root.equals(old));
    }
    assertThat(common()).as("what an installation finds").isEqualTo(CommonRoot.Outcome.SHARED);
    refused(step("finish"), "SLV7282", "sample/");

    sleep = restarted(3, sleep);
    assertThat(
            sleep.during(
                () -> Until.seen("it is safe", () -> step("finish").exit(), is -> is == 0)))
        .containsOnlyKeys("200 west-3");
    for (MeshSide side : List.of(east, west)) {
      Until.seen(side.id() + " trusts the new alone", () -> trusted(side), one -> one == 1);
      assertThat(side.replica().authority().bundle().contains(old)).isFalse();
      Until.seen("nothing is amiss", () -> problems(side), List::isEmpty);
    }
    assertThat(sleep.during(() -> true)).containsOnlyKeys("200 west-3");
    assertThat(common()).isEqualTo(CommonRoot.Outcome.SHARED);
  }

  @Test
  @Order(2)
  void aRootThatSignsInOneClusterAloneIsTold() throws Exception {
    east.deletePod("sleep-3");
    assertThat(alone("start").exit()).isZero();
    Until.seen("east trusts both", () -> trusted(east), two -> two == 2);
    assertThat(problems(east)).isEmpty();
    Until.seen("it signs", () -> alone("switch").exit(), is -> is == 0);
    Until.seen(
        "east says who refuses it",
        () -> problems(east).toString(),
        text -> text.contains("SLV7264") && text.contains("do not hold root"));
  }

  /** A step in east, of which somebody says that it is no matter of west's. */
  private CommandRun alone(String step) {
    return CommandRun.alone(
        List.of(
            "migrate",
            "root",
            step,
            "--kubeconfig=" + kubeconfig,
            "--context=east",
            "--without=west"));
  }
}
