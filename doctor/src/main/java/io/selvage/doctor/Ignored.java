package io.selvage.doctor;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * What the users have looked at and let be for a time, as {@code .selvage/ignore.yaml} says.
 *
 * @param entries in the order of the file
 */
public record Ignored(List<Entry> entries) {
  /** Nothing is ignored. */
  public static final Ignored NOTHING = new Ignored(List.of());

  public Ignored {
    entries = List.copyOf(entries);
  }

  /**
   * One finding that is let be.
   *
   * @param code of the check
   * @param context the cluster; empty for all
   * @param object {@code Kind namespace/name} of an object that the finding is about; empty for all
   * @param reason why, for the next reader
   * @param until the last day; afterwards it is a finding that it stands here still
   * @param source where it is written, {@code file:line}
   */
  public record Entry(
      String code,
      Optional<String> context,
      Optional<String> object,
      String reason,
      LocalDate until,
      String source) {
    /** Whether it is past its last day (UTC). */
    public boolean isExpired(Instant now) {
      return LocalDate.ofInstant(now, ZoneOffset.UTC).isAfter(until);
    }

    private boolean fits(Result result) {
      return code.equals(result.code())
          && (context.isEmpty() || context.equals(result.context()))
          && (object.isEmpty()
              || result.objects().stream().anyMatch(one -> one.toString().equals(object.get())));
    }
  }

  /** The entry that lets {@code result} be; none lets be what is fine, or could not be seen. */
  public Optional<Entry> of(Result result, Instant now) {
    return switch (result.status()) {
      case FAIL, WARN ->
          entries.stream().filter(entry -> !entry.isExpired(now) && entry.fits(result)).findFirst();
      case PASS, SKIP, UNKNOWN -> Optional.empty();
    };
  }

  /** Those past their last day. */
  public List<Entry> expired(Instant now) {
    return entries.stream().filter(entry -> entry.isExpired(now)).toList();
  }
}
