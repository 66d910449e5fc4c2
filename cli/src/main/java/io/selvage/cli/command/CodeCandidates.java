package io.selvage.cli.command;

import io.selvage.doctor.Catalogue;
import java.util.Iterator;
import java.util.List;

/** The codes of all checks, for completion. */
final class CodeCandidates implements Iterable<String> {
  private final List<String> codes =
      Catalogue.all().stream().map(check -> check.info().code()).toList();

  @Override
  public Iterator<String> iterator() {
    return codes.iterator();
  }
}
