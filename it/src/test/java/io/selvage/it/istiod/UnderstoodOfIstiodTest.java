package io.selvage.it.istiod;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Until;
import io.selvage.xds.XdsType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What our proxy makes of what a real istiod sends a sidecar, by default and with features beyond;
 * the end of {@code docs/xds-understood.md} says it. {@code -Dselvage.golden.update=true} writes it
 * anew.
 */
@Tag("real")
final class UnderstoodOfIstiodTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "xds-understood.md");
  private static final String MEASURED = "<!-- measured -->\n";
  private static final Workload SERVER =
      new Workload("foo", "server", "server", "10.77.0.1", Map.of("app", "server"));
  private static final Workload OTHER =
      new Workload("foo", "other", "other", "10.77.0.2", Map.of("app", "other"));

  @TempDir Path home;

  @Test
  void theDocumentSaysWhatIsPassedOverAndRefused() throws Exception {
    String measured;
    try (var istiod = Istiod.start(home, Istiod.Settings.DEFAULT)) {
      var ports =
          List.of(
              new Workload.ServicePort("http", 8000, 8080),
              new Workload.ServicePort("tcp", 9000, 9090));
      istiod.add(SERVER, "server", ports);
      istiod.add(OTHER, "other", ports);
      Sent sent =
          Until.seen(
              "istiod knows both services",
              () -> Sent.to(istiod, SERVER),
              seen -> seen.count(XdsType.ENDPOINTS) >= 5);
      assertThat(sent.refusals()).as("refused of the default configuration").isEmpty();
      measured = passedOver(sent) + features(istiod);
    }
    String document = Files.readString(DOCUMENT);
    int end = document.indexOf(MEASURED) + MEASURED.length();
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.writeString(DOCUMENT, document.substring(0, end) + measured);
    } else {
      assertThat(document.substring(end)).isEqualTo(measured);
    }
  }

  private static String passedOver(Sent sent) {
    var text = new StringBuilder();
    text.append(
        """

        # What that means for the configuration of a real istiod

        Measured by a test: Istio 1.31 as installed, with two workloads of two ports each. What it sends one sidecar:
        %d listeners, %d clusters, %d route configurations, %d sets of endpoints. Nothing of it is refused. %d fields that are set are read.

        ## Filters that are passed over, and how often they occur
        | configuration | times |
        |---|---|
        """
            .formatted(
                sent.count(XdsType.LISTENER),
                sent.count(XdsType.CLUSTER),
                sent.count(XdsType.ROUTES),
                sent.count(XdsType.ENDPOINTS),
                sent.read()));
    sent.filters.forEach((name, times) -> text.append("| `%s` | %d |%n".formatted(name, times)));
    text.append(
        """

        ## Fields that are passed over, and how often they are set
        | field | times |
        |---|---|
        """);
    sent.fields.forEach((name, times) -> text.append("| `%s` | %d |%n".formatted(name, times)));
    return text.toString();
  }

  private static String features(Istiod istiod) throws Exception {
    Map<String, List<String>> found = new LinkedHashMap<>();
    for (var feature : RefusedFeatures.all().entrySet()) {
      istiod.replace(Manifest.read(feature.getValue()));
      String mark = istiod.mark();
      Sent sent =
          Until.seen(
              "istiod has told " + feature.getKey(),
              () -> Sent.to(istiod, SERVER),
              seen -> seen.hasListener(mark));
      found.put(feature.getKey(), sent.refusals());
    }
    var text = new StringBuilder();
    text.append(
        """

        ## Beyond the default: what our proxy takes and what it refuses of istiod's configuration
        A resource with something refused is refused whole, and with it the response that it came in: the last good configuration stays, and
        `istioctl proxy-status` shows the proxy as not synced. A proxy that has none yet lets nothing through.

        | Istio's configuration | our proxy |
        |---|---|
        """);
    found.forEach(
        (feature, refusals) ->
            text.append(
                "| %s | %s |%n"
                    .formatted(
                        feature,
                        refusals.isEmpty()
                            ? "takes it"
                            : "refuses it: " + String.join("; ", refusals))));
    return text.toString();
  }
}
