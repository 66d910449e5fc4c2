package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.doctor.bundle.Bundle;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.kubernetes.FolderCollector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** What was seen at another time, from a file or from a folder of what others wrote. */
record BundleLook(Path file) implements DoctorLook {
  @Override
  public Evidence look(Consumer<String> progress) {
    try {
      return Files.isDirectory(file) ? FolderCollector.read(file) : Bundle.read(file);
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, file + ": " + e.getMessage());
    }
  }
}
