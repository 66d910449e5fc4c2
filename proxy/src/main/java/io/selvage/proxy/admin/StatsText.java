package io.selvage.proxy.admin;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Figures in the lines of Envoy's {@code /stats}: {@code name.label.value: figure}. */
final class StatsText {
  private StatsText() {}

  static String of(MetricSnapshots snapshots) {
    var lines = new TreeMap<String, String>();
    for (MetricSnapshot snapshot : snapshots) {
      String name = snapshot.getMetadata().getName();
      if (snapshot instanceof CounterSnapshot counter) {
        counter
            .getDataPoints()
            .forEach(point -> lines.put(name(name, point.getLabels()), whole(point.getValue())));
      } else if (snapshot instanceof GaugeSnapshot gauge) {
        gauge
            .getDataPoints()
            .forEach(point -> lines.put(name(name, point.getLabels()), whole(point.getValue())));
      } else if (snapshot instanceof HistogramSnapshot histogram) {
        histogram
            .getDataPoints()
            .forEach(
                point -> {
                  String of = name(name, point.getLabels());
                  lines.put(of + ".count", Long.toString(point.getCount()));
                  lines.put(of + ".sum", whole(point.getSum()));
                });
      }
    }
    return lines.entrySet().stream()
        .map(line -> line.getKey() + ": " + line.getValue() + "\n")
        .collect(Collectors.joining());
  }

  private static String name(String name, Labels labels) {
    return labels.stream()
        .map(label -> "." + label.getName() + "." + label.getValue())
        .collect(Collectors.joining("", name, ""));
  }

  private static String whole(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
