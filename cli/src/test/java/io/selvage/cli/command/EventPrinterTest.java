package io.selvage.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.cli.UserError;
import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class EventPrinterTest {

  private final StringWriter out = new StringWriter();

  private EventPrinter printer(boolean colour, int columns) {
    return new EventPrinter(
        new PrintWriter(out),
        new Style(colour),
        new Page(columns),
        InstantSource.fixed(Instant.parse("2026-03-01T12:00:09Z")));
  }

  @Test
  void anEventIsALineWithItsTimeAndSymbol() {
    printer(false, 0).bad("p.yaml:3: spec.x: is unknown\nit stays as it was");
    var lines = out.toString().lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst()).matches("\\d\\d:00:09 × p.yaml:3: spec.x: is unknown");
    assertThat(lines.getLast()).isEqualTo("           it stays as it was");
  }

  @Test
  void onATerminalItGoesOnUnderItself() {
    printer(false, 40).good("one two three four five six seven eight nine ten");
    assertThat(out.toString().lines())
        .hasSizeGreaterThan(1)
        .allSatisfy(line -> assertThat(line.length()).isLessThan(41));
  }

  @Test
  void coloursAddNothingToSee() {
    printer(true, 0).warning("soon");
    printer(true, 0).note("so");
    assertThat(out.toString().replaceAll("\u001b\\[\\d+m", "").lines())
        .allSatisfy(line -> assertThat(line).matches("\\d\\d:00:09 [! ] so(on)?"));
  }

  @Test
  void aContainerIsCalledAsInAPod() {
    assertThat(Containers.of(null, "sleep")).isEqualTo(Container.APPLICATION);
    assertThat(Containers.of("sleep", "sleep")).isEqualTo(Container.APPLICATION);
    assertThat(Containers.of("istio-proxy", "sleep")).isEqualTo(Container.PROXY);
    assertThatThrownBy(() -> Containers.of("proxy", "sleep"))
        .isInstanceOf(UserError.class)
        .hasMessage("sleep has no container `proxy`: there are app and istio-proxy");
  }

  @Test
  void theLaunchersTimeIsTheStart() {
    assertThat(Launch.began(Map.of("SELVAGE_STARTED", "1700000000.250000")))
        .isEqualTo(Instant.ofEpochMilli(1_700_000_000_250L));
  }

  @Test
  void spansHaveTheirLargestTwoUnits() {
    assertThat(Spans.shown(Duration.ofSeconds(59))).isEqualTo("59s");
    assertThat(Spans.shown(Duration.ofMinutes(61))).isEqualTo("1h1m");
    assertThat(Spans.shown(Duration.ofDays(3650))).isEqualTo("3650d");
    assertThat(Spans.shown(Duration.ofSeconds(-1))).isEqualTo("ended");
  }

  @Test
  void programsGetJsonOrYaml() {
    var answer = JsonMapper.shared().readTree("{\"a\":[{\"b\":1,\"c\":\"x: y\"}],\"d\":true}");
    var holder = new Holder(new OutputChoice());
    new picocli.CommandLine(holder)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .parseArgs("-o", "yaml");
    assertThat(holder.choice().forPrograms()).isTrue();
    assertThat(holder.choice().rendered(answer)).isEqualTo("a:\n- b: 1\n  c: 'x: y'\nd: true");
  }

  /** A command with nothing but {@code -o}. */
  @picocli.CommandLine.Command
  private static final class Holder {
    @picocli.CommandLine.Mixin private final OutputChoice choice;

    Holder(OutputChoice choice) {
      this.choice = choice;
    }

    OutputChoice choice() {
      return choice;
    }
  }
}
