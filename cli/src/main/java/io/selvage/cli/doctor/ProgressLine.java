package io.selvage.cli.doctor;

import java.io.PrintWriter;
import java.util.function.Consumer;

/** One line that says what is being done, written over and over, and gone at the end. */
public final class ProgressLine implements Consumer<String>, AutoCloseable {
  private static final String CLEAR = "\r\u001b[K";

  private final PrintWriter to;
  private final boolean shown;
  private final int columns;
  private boolean written;

  /**
   * @param shown whether there is a terminal; nothing is written otherwise
   * @param columns of the terminal
   */
  public ProgressLine(PrintWriter to, boolean shown, int columns) {
    this.to = to;
    this.shown = shown;
    this.columns = columns;
  }

  @Override
  public synchronized void accept(String what) {
    if (shown) {
      String text = "looking at " + what.replaceAll("\\s+", " ") + " …";
      to.print(CLEAR + text.substring(0, Math.min(text.length(), columns - 1)));
      to.flush();
      written = true;
    }
  }

  /** Takes the line away. */
  @Override
  public synchronized void close() {
    if (written) {
      to.print(CLEAR);
      to.flush();
      written = false;
    }
  }
}
