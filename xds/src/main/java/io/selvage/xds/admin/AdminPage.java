package io.selvage.xds.admin;

/**
 * An answer to an operator.
 *
 * @param status of HTTP
 * @param type its {@code Content-Type}
 */
public record AdminPage(int status, String type, String content) {
  /** Plain text; a line end is added where it lacks. */
  public static AdminPage text(int status, String content) {
    return new AdminPage(
        status,
        "text/plain; charset=utf-8",
        content.isEmpty() || content.endsWith("\n") ? content : content + "\n");
  }

  /** What was asked for, as JSON. */
  public static AdminPage json(String content) {
    return new AdminPage(200, "application/json", content);
  }
}
