package io.selvage.cli.mesh;

/**
 * Something about a running mesh that a person should read.
 *
 * @param text one line; what to do about it follows on further lines
 */
public record MeshEvent(Kind kind, String text) {

  /** How it is to be taken. */
  public enum Kind {
    /** It is so. */
    NOTE,
    /** All is well, or is well again. */
    GOOD,
    /** It works, and will not if nothing is done. */
    WARNING,
    /** It does not work, or was refused. */
    BAD
  }

  /** Who wants to read them; called from any thread, one at a time. */
  @FunctionalInterface
  public interface Listener {
    /** Takes the next event. */
    void happened(MeshEvent event);

    /** It is so. */
    default void note(String text) {
      happened(new MeshEvent(Kind.NOTE, text));
    }

    /** All is well, or is well again. */
    default void good(String text) {
      happened(new MeshEvent(Kind.GOOD, text));
    }

    /** It works, and will not if nothing is done. */
    default void warning(String text) {
      happened(new MeshEvent(Kind.WARNING, text));
    }

    /** It does not work, or was refused. */
    default void bad(String text) {
      happened(new MeshEvent(Kind.BAD, text));
    }
  }
}
