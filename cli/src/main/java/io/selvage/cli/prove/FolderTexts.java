package io.selvage.cli.prove;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.control.source.FolderScan;
import io.selvage.control.source.FolderScan.Stamp;
import io.selvage.prove.input.SourceText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The YAML files of folders, as text; looked at again, only those that changed are read. What can't
 * be read is an error of the user's: a proof may lack nothing.
 */
final class FolderTexts {
  private static final int MAX_BYTES = 8 << 20;

  private final Path root;
  private Map<Path, Known> known = new HashMap<>();

  private record Known(Stamp stamp, SourceText text) {}

  /**
   * @param root a folder, or one file
   */
  FolderTexts(Path root) {
    this.root = root;
  }

  /** Every file of the folder, in the order of their paths, which are what locations show. */
  List<SourceText> read() {
    FolderScan scan;
    try {
      scan = FolderScan.of(List.of(root), file -> true);
    } catch (NoSuchFileException e) {
      throw new UserError(ExitCode.USAGE, root + " is not there");
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, root + " cannot be read: " + e);
    }
    if (!scan.unreadable().isEmpty()) {
      throw new UserError(
          ExitCode.USAGE, scan.unreadable().iterator().next() + " cannot be looked at");
    }
    Map<Path, Known> now = new HashMap<>();
    List<SourceText> texts = new ArrayList<>();
    scan.files()
        .forEach(
            (file, stamp) -> {
              Known before = known.get(file);
              Known fresh =
                  before != null && before.stamp().equals(stamp)
                      ? before
                      : new Known(stamp, new SourceText(file.toString(), text(file)));
              now.put(file, fresh);
              texts.add(fresh.text());
            });
    known = now;
    return texts;
  }

  private static String text(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new UserError(ExitCode.USAGE, file + " is larger than 8 MiB");
      }
      return utf8(bytes);
    } catch (CharacterCodingException e) {
      throw new UserError(ExitCode.USAGE, file + " is not UTF-8");
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, file + " cannot be read: " + e);
    }
  }

  /** Text that is UTF-8 throughout. */
  static String utf8(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }
}
