package io.selvage.doctor.report;

import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Finding;
import io.selvage.doctor.Range;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * A diagnosis as JUnit's XML, for CI: a suite for each cluster, a test for each check. What fails
 * is a failure, what could not be seen an error, a warning passes and says so.
 */
final class JunitReport {
  private static final Pattern NO_XML =
      Pattern.compile("[^\\u0009\\u000A\\u000D\\u0020-\\uD7FF\\uE000-\\uFFFD]");

  private JunitReport() {}

  static String of(Diagnosis diagnosis) {
    var text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
      xml.writeStartDocument("UTF-8", "1.0");
      xml.writeCharacters("\n");
      xml.writeStartElement("testsuites");
      xml.writeAttribute("name", "selvage doctor");
      for (var suite : suites(diagnosis).entrySet()) {
        suite(suite.getKey(), suite.getValue(), diagnosis, xml);
      }
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException(e);
    }
    return text + "\n";
  }

  /** By place, then by code, in the order of the checks. */
  private static Map<String, Map<String, List<Finding>>> suites(Diagnosis diagnosis) {
    Map<String, Map<String, List<Finding>>> suites = new LinkedHashMap<>();
    for (Finding finding : diagnosis.all()) {
      suites
          .computeIfAbsent(Shown.place(finding.result(), diagnosis), _ -> new LinkedHashMap<>())
          .computeIfAbsent(finding.result().code(), _ -> new ArrayList<>())
          .add(finding);
    }
    return suites;
  }

  private static void suite(
      String place, Map<String, List<Finding>> checks, Diagnosis diagnosis, XMLStreamWriter xml)
      throws XMLStreamException {
    xml.writeCharacters("\n  ");
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", place);
    xml.writeAttribute("tests", String.valueOf(checks.size()));
    xml.writeAttribute("failures", count(checks, Status.FAIL));
    xml.writeAttribute("errors", count(checks, Status.UNKNOWN));
    xml.writeAttribute("skipped", count(checks, Status.SKIP));
    xml.writeAttribute("timestamp", diagnosis.taken().toString());
    for (var check : checks.entrySet()) {
      test(check.getKey(), check.getValue(), xml);
    }
    xml.writeCharacters("\n  ");
    xml.writeEndElement();
  }

  private static String count(Map<String, List<Finding>> checks, Status status) {
    return String.valueOf(
        checks.values().stream().filter(findings -> worst(findings) == status).count());
  }

  /** What a test comes to: who lets a finding be passes. */
  private static Status worst(List<Finding> findings) {
    Status worst = Status.SKIP;
    for (Finding finding : findings) {
      Status status = finding.ignored().isPresent() ? Status.PASS : finding.result().status();
      if (rank(status) > rank(worst)) {
        worst = status;
      }
    }
    return worst;
  }

  private static int rank(Status status) {
    return switch (status) {
      case SKIP -> 0;
      case PASS -> 1;
      case WARN -> 2;
      case UNKNOWN -> 3;
      case FAIL -> 4;
    };
  }

  private static void test(String code, List<Finding> findings, XMLStreamWriter xml)
      throws XMLStreamException {
    xml.writeCharacters("\n    ");
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", "doctor." + Range.of(code).title().replace(' ', '-'));
    xml.writeAttribute("name", clean(code + " " + findings.getFirst().check().title()));
    Status worst = worst(findings);
    switch (worst) {
      case FAIL -> told("failure", code, findings, Status.FAIL, xml);
      case UNKNOWN -> told("error", code, findings, Status.UNKNOWN, xml);
      case SKIP -> told("skipped", code, findings, Status.SKIP, xml);
      case WARN -> {
        xml.writeStartElement("system-out");
        xml.writeCharacters(clean(text(findings, Status.WARN)));
        xml.writeEndElement();
      }
      case PASS -> {
        // a test that passes says nothing
      }
    }
    xml.writeEndElement();
  }

  private static void told(
      String element, String code, List<Finding> findings, Status status, XMLStreamWriter xml)
      throws XMLStreamException {
    xml.writeStartElement(element);
    xml.writeAttribute(
        "message",
        clean(
            findings.stream()
                .map(Finding::result)
                .filter(result -> result.status() == status)
                .map(Result::summary)
                .findFirst()
                .orElse("")));
    if (!element.equals("skipped")) {
      xml.writeAttribute("type", code);
      xml.writeCharacters(clean(text(findings, status)));
    }
    xml.writeEndElement();
  }

  private static String text(List<Finding> findings, Status status) {
    var text = new StringBuilder();
    for (Finding finding : findings) {
      Result result = finding.result();
      if (result.status() == status && finding.ignored().isEmpty()) {
        text.append(result.summary()).append('\n');
        result.evidence().forEach(fact -> text.append("  seen: ").append(fact.text()).append('\n'));
        result.cause().ifPresent(cause -> text.append("  cause: ").append(cause).append('\n'));
        result.effect().ifPresent(effect -> text.append("  effect: ").append(effect).append('\n'));
        result.next().ifPresent(next -> text.append("  next: ").append(next).append('\n'));
        Shown.command(finding)
            .ifPresent(command -> text.append("  fix: ").append(command).append('\n'));
      }
    }
    return text.toString();
  }

  private static String clean(String text) {
    return NO_XML.matcher(text).replaceAll("?");
  }
}
