package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.doctor.bundle.Bundle;
import io.selvage.doctor.evidence.Evidence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** What was seen at another time, from a file. */
record BundleLook(Path file) implements DoctorLook {
  @Override
  public Evidence look(Consumer<String> progress) {
    try {
      return Bundle.read(file);
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, file + ": " + e.getMessage());
    }
  }
}
