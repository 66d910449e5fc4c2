package io.selvage.cli.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** A logger that asks {@link LogRouting} at each line, since routes are set while it lives. */
final class NamedLogger extends LegacyAbstractLogger {

  private static final long serialVersionUID = 1L;

  NamedLogger(String name) {
    this.name = name;
  }

  @Override
  public boolean isTraceEnabled() {
    return false;
  }

  @Override
  public boolean isDebugEnabled() {
    return false;
  }

  @Override
  public boolean isInfoEnabled() {
    return LogRouting.route().takes(name, Level.INFO);
  }

  @Override
  public boolean isWarnEnabled() {
    return LogRouting.route().takes(name, Level.WARN);
  }

  @Override
  public boolean isErrorEnabled() {
    return LogRouting.route().takes(name, Level.ERROR);
  }

  @Override
  protected @Nullable String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level,
      @Nullable Marker marker,
      String pattern,
      Object @Nullable [] arguments,
      @Nullable Throwable thrown) {
    String message = MessageFormatter.basicArrayFormat(pattern, arguments);
    LogRouting.route().line(name, level, thrown == null ? message : message + traced(thrown));
  }

  private static String traced(Throwable thrown) {
    var text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text, true));
    return System.lineSeparator() + text.toString().stripTrailing();
  }
}
