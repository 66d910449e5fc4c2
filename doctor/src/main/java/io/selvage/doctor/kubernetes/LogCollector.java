package io.selvage.doctor.kubernetes;

import io.selvage.doctor.collect.Parallel;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.kubernetes.ClusterApi.Answer;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** Reads logs of containers since a time, of a container's last life too. */
final class LogCollector {
  private static final int MOST_BYTES = 8 << 20;
  private static final int NOT_STARTED = 400;
  private static final int GONE = 404;
  private static final int SERVER_ERROR = 500;

  private final ApiReader reader;
  private final Kubelets kubelets;
  private final Parallel parallel;
  private final Instant since;

  LogCollector(ApiReader reader, Kubelets kubelets, Parallel parallel, Instant since) {
    this.reader = reader;
    this.kubelets = kubelets;
    this.parallel = parallel;
    this.since = since;
  }

  private record Source(ApiObject pod, String container, boolean previous) {}

  /**
   * The lines of Pods.
   *
   * @param containers those that are meant
   * @param wanted which lines
   */
  Look<List<LogLine>> read(
      List<ApiObject> pods, Predicate<String> containers, Predicate<String> wanted) {
    List<Source> sources = pods.stream().flatMap(pod -> sources(pod, containers).stream()).toList();
    List<Look<List<LogLine>>> read = parallel.each(sources, source -> lines(source, wanted));
    List<LogLine> all = new ArrayList<>();
    Look.Unseen<List<LogLine>> unseen = null;
    for (Look<List<LogLine>> each : read) {
      switch (each) {
        case Look.Seen<List<LogLine>>(List<LogLine> lines) -> all.addAll(lines);
        case Look.Unseen<List<LogLine>> one -> unseen = one;
      }
    }
    // what one replica says counts, also when another's node is away
    return unseen != null && all.isEmpty() ? unseen : Look.seen(List.copyOf(all));
  }

  private static List<Source> sources(ApiObject pod, Predicate<String> containers) {
    List<Source> all = new ArrayList<>();
    for (String kind : new String[] {"containerStatuses", "initContainerStatuses"}) {
      for (JsonNode status : pod.at("/status/" + kind)) {
        String name = status.path("name").asString("");
        if (containers.test(name)) {
          if (status.path("restartCount").asInt(0) > 0) {
            all.add(new Source(pod, name, true));
          }
          all.add(new Source(pod, name, false));
        }
      }
    }
    return all;
  }

  private Look<List<LogLine>> lines(Source source, Predicate<String> wanted) {
    ApiObject pod = source.pod();
    String path =
        "%s/log?container=%s&timestamps=true&limitBytes=%d&sinceTime=%s%s"
            .formatted(
                Paths.pod(pod.namespace(), pod.name()),
                Paths.encoded(source.container()),
                MOST_BYTES,
                Paths.encoded(Instant.ofEpochSecond(since.getEpochSecond()).toString()),
                source.previous() ? "&previous=true" : "");
    Right right = new Right("get", "pods", "log", pod.namespace());
    try {
      Answer answer =
          kubelets.ask(pod.namespace(), pod.name(), () -> ofKubelet(reader.api().get(path), right));
      if (answer.status() == NOT_STARTED || answer.status() == GONE) {
        return Look.seen(List.of()); // it has not said anything yet
      }
      if (!answer.isGood()) {
        return ApiReader.refused(answer, right);
      }
      return Look.seen(
          answer
              .body()
              .lines()
              .filter(line -> !line.isBlank())
              .map(line -> line(source, line))
              .filter(line -> wanted.test(line.text()))
              .toList());
    } catch (IOException e) {
      return Look.unseen(
          "the log of Pod %s/%s: %s".formatted(pod.namespace(), pod.name(), ApiReader.message(e)));
    }
  }

  /** What the API server says when a kubelet says nothing is no answer of the kubelet. */
  private static Answer ofKubelet(Answer answer, Right right) throws IOException {
    if (answer.status() >= SERVER_ERROR) {
      throw new IOException(ApiReader.why(answer, right));
    }
    return answer;
  }

  private static LogLine line(Source source, String line) {
    int space = line.indexOf(' ');
    Optional<Instant> time = space < 0 ? Optional.empty() : time(line.substring(0, space));
    String text = time.isPresent() ? line.substring(space + 1) : line;
    return new LogLine(
        source.pod().namespace(),
        source.pod().name(),
        source.container(),
        time,
        Redaction.text(text));
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
