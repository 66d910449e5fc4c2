package io.selvage.cli.log;

import java.time.Instant;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.slf4j.event.Level;

/**
 * Where this process's log lines go now. There is one for the process, since loggers are made by
 * classes that know nothing of commands.
 */
public final class LogRouting {

  /** A destination of lines. */
  public interface Route {
    /** Whether lines of this logger and level are wanted. */
    boolean takes(String logger, Level level);

    /** Takes a line, which may hold a stack trace; never throws. */
    void line(String logger, Level level, String message);
  }

  private static volatile Route current = new ToStandardError(Level.WARN, "");

  private LogRouting() {}

  static Route route() {
    return current;
  }

  /** Sends all lines from {@code least} on to standard error, as before any mesh is there. */
  public static void toStandardError(Level least) {
    current = new ToStandardError(least, "");
  }

  /**
   * Sends our own lines from {@code least} on to standard error, and no library's: for a command
   * that says itself what failed, and would be followed by a stack trace of the same.
   */
  public static void ownToStandardError(Level least) {
    current = new ToStandardError(least, "io.selvage");
  }

  /** Sends lines to {@code route} from now on, those of java.util.logging too. */
  public static void to(Route route) {
    current = route;
    // gRPC logs there; its default would be the terminal
    LogManager.getLogManager().reset();
    Logger.getLogger("").addHandler(new FromPlatform());
  }

  private record ToStandardError(Level least, String of) implements Route {
    @Override
    public boolean takes(String logger, Level level) {
      return level.toInt() >= least.toInt() && logger.startsWith(of);
    }

    @Override
    public void line(String logger, Level level, String message) {
      String start = least == Level.WARN ? "selvage: " : Instant.now() + " " + level + " ";
      System.err.println(start + message);
    }
  }

  /** Hands on what libraries write to java.util.logging. */
  private static final class FromPlatform extends Handler {
    @Override
    public void publish(LogRecord line) {
      if (line.getLevel().intValue() < java.util.logging.Level.INFO.intValue()) {
        return;
      }
      Level level =
          line.getLevel().intValue() >= java.util.logging.Level.WARNING.intValue()
              ? Level.WARN
              : Level.INFO;
      String logger = String.valueOf(line.getLoggerName());
      if (current.takes(logger, level)) {
        String thrown = line.getThrown() == null ? "" : ": " + line.getThrown();
        current.line(logger, level, line.getMessage() + thrown);
      }
    }

    @Override
    public void flush() {
      // each line is written at once
    }

    @Override
    public void close() {
      // the route belongs to whoever made it
    }
  }
}
