package io.selvage.cli.prove.report;

import io.selvage.cli.prove.report.Finding.Level;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** A JUnit report: one test case for each thing that was asked. */
public final class Junit {
  private final XMLStreamWriter xml;

  private Junit(XMLStreamWriter xml) {
    this.xml = xml;
  }

  /**
   * The report.
   *
   * @param suite its name
   * @param cases what was asked, those without a finding passed; what was found beside them is
   *     added
   */
  public static String of(String suite, List<String> cases, List<Finding> findings) {
    Map<String, List<Finding>> byCase = new LinkedHashMap<>();
    cases.forEach(name -> byCase.put(name, List.of()));
    for (Finding finding : findings) {
      byCase.merge(
          finding.rule(),
          List.of(finding),
          (one, other) -> Stream.concat(one.stream(), other.stream()).toList());
    }
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter writer = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
      new Junit(writer).write(suite, byCase);
      writer.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException(e);
    }
    return text.toString();
  }

  private void write(String suite, Map<String, List<Finding>> cases) throws XMLStreamException {
    xml.writeStartDocument("UTF-8", "1.0");
    xml.writeCharacters("\n");
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", suite);
    xml.writeAttribute("tests", Integer.toString(cases.size()));
    xml.writeAttribute("failures", count(cases, false));
    xml.writeAttribute("errors", count(cases, true));
    for (var one : cases.entrySet()) {
      xml.writeCharacters("\n  ");
      if (one.getValue().isEmpty()) {
        xml.writeEmptyElement("testcase");
        name(suite, one.getKey());
        continue;
      }
      xml.writeStartElement("testcase");
      name(suite, one.getKey());
      xml.writeCharacters("\n    ");
      failure(one.getValue());
      xml.writeCharacters("\n  ");
      xml.writeEndElement();
    }
    xml.writeCharacters("\n");
    xml.writeEndElement();
    xml.writeCharacters("\n");
    xml.writeEndDocument();
  }

  private void name(String suite, String name) throws XMLStreamException {
    xml.writeAttribute("classname", suite);
    xml.writeAttribute("name", name);
  }

  private void failure(List<Finding> findings) throws XMLStreamException {
    xml.writeStartElement(isOpen(findings) ? "error" : "failure");
    xml.writeAttribute("type", findings.getFirst().code());
    xml.writeAttribute("message", clean(findings.getFirst().text()));
    for (Finding finding : findings) {
      xml.writeCharacters(clean("%s: %s\n".formatted(finding.at(), finding.text())));
    }
    xml.writeEndElement();
  }

  /** No answer is an error, not a failure; one failure among them is a failure. */
  private static boolean isOpen(List<Finding> findings) {
    return findings.stream()
        .allMatch(one -> one.code().equals("SLV9412") && one.level() == Level.ERROR);
  }

  private static String count(Map<String, List<Finding>> cases, boolean open) {
    return Long.toString(
        cases.values().stream()
            .filter(findings -> !findings.isEmpty() && isOpen(findings) == open)
            .count());
  }

  /** XML has no word for control characters, which a request may hold. */
  private static String clean(String text) {
    return text.replaceAll("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F]", "\uFFFD");
  }
}
