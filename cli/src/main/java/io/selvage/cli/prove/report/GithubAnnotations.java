package io.selvage.cli.prove.report;

import java.util.List;
import java.util.stream.Collectors;

/** Workflow commands by which GitHub Actions shows findings beside the lines of a change. */
public final class GithubAnnotations {
  private GithubAnnotations() {}

  /** One line each. */
  public static List<String> of(List<Finding> findings) {
    return findings.stream().map(GithubAnnotations::line).collect(Collectors.toList());
  }

  private static String line(Finding finding) {
    String kind =
        switch (finding.level()) {
          case ERROR -> "error";
          case WARNING -> "warning";
          case NOTE -> "notice";
        };
    String place =
        finding.at().line() > 0
            ? "file=%s,line=%d,"
                .formatted(property(Sarif.uri(finding.at().source())), finding.at().line())
            : "";
    return "::%s %stitle=%s::%s"
        .formatted(
            kind, place, property(finding.rule() + " " + finding.title()), data(finding.text()));
  }

  private static String data(String text) {
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
  }

  private static String property(String text) {
    return data(text).replace(":", "%3A").replace(",", "%2C");
  }
}
