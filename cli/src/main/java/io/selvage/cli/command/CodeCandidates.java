package io.selvage.cli.command;

import io.selvage.doctor.Catalogue;
import java.util.Iterator;

/** The codes of all checks, for completion; they are loaded when somebody asks. */
final class CodeCandidates implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return Catalogue.all().stream().map(check -> check.info().code()).iterator();
  }
}
