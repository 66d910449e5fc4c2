package io.selvage.cli.prove.report;

import io.selvage.model.SourceLocation;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Something for a pipeline to show: what SARIF, JUnit and annotations are made from.
 *
 * @param rule the assertion's id, or the stable code
 * @param code the stable code, whose page says more
 * @param title of the rule, the same for all of its findings
 * @param text of this one, with the request that shows it
 * @param at the line to look at; may have no file
 * @param related the lines that led there
 * @param key tells this finding from others of the rule, and stays while lines move
 */
public record Finding(
    String rule,
    String code,
    Level level,
    String title,
    String text,
    SourceLocation at,
    List<Related> related,
    String key) {

  public Finding {
    related = List.copyOf(related);
  }

  /** How bad it is. */
  public enum Level {
    ERROR,
    WARNING,
    NOTE
  }

  /** Another line, and what is there. */
  public record Related(SourceLocation at, String text) {}

  /** The same for the same finding, wherever its lines are. */
  String fingerprint() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((code + "\n" + rule + "\n" + key).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
