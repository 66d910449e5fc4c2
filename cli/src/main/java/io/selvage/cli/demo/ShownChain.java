package io.selvage.cli.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The certificates that {@code openssl s_client -showcerts} lists, leaf first. */
final class ShownChain {

  private static final Pattern SUBJECT = Pattern.compile("\\s*\\d+ s:(.*)");
  private static final Pattern ISSUER = Pattern.compile("\\s+i:(.*)");

  private ShownChain() {}

  /**
   * One certificate.
   *
   * @param subject as {@code O=demo.mesh, CN=x}, whichever way this version of openssl spaces it
   */
  record Link(String subject, String issuer) {}

  /** Reads the output of {@code s_client}. */
  static List<Link> of(String output) {
    var links = new ArrayList<Link>();
    String subject = "";
    for (String line : output.lines().toList()) {
      var names = SUBJECT.matcher(line);
      var issued = ISSUER.matcher(line);
      if (names.matches()) {
        subject = plain(names.group(1));
      } else if (issued.matches()) {
        links.add(new Link(subject, plain(issued.group(1))));
      }
    }
    return links;
  }

  private static String plain(String name) {
    return name.strip().replace(" = ", "=");
  }

  /** Whether each is issued by the next, and the last, the root, by itself. */
  static boolean linked(List<Link> links) {
    for (int i = 0; i < links.size(); i++) {
      Link issuer = links.get(Math.min(i + 1, links.size() - 1));
      if (!links.get(i).issuer().equals(issuer.subject())) {
        return false;
      }
    }
    return !links.isEmpty();
  }

  static String leafSubject(List<Link> links) {
    return links.isEmpty() ? "no certificate" : links.getFirst().subject();
  }

  static String rootSubject(List<Link> links) {
    return links.isEmpty() ? "no certificate" : links.getLast().subject();
  }
}
