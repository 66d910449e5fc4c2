package io.selvage.cli.command;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The names of the kubeconfig's contexts, for completion. A file that cannot be read has none: who
 * completes a word wants no message.
 */
final class ContextCandidates implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    String files = System.getenv().getOrDefault("KUBECONFIG", "");
    List<Path> paths =
        files.isEmpty()
            ? List.of(MeshChoice.home().resolve(Path.of(".kube", "config")))
            : List.of(files.split(File.pathSeparator, -1)).stream().map(Path::of).toList();
    return paths.stream().flatMap(path -> names(path).stream()).distinct().iterator();
  }

  static List<String> names(Path kubeconfig) {
    List<String> names = new ArrayList<>();
    try {
      if (Files.isReadable(kubeconfig)
          && new Load(LoadSettings.builder().build()).loadFromString(Files.readString(kubeconfig))
              instanceof Map<?, ?> config
          && config.get("contexts") instanceof List<?> contexts) {
        for (Object context : contexts) {
          if (context instanceof Map<?, ?> named && named.get("name") instanceof String name) {
            names.add(name);
          }
        }
      }
    } catch (IOException | YamlEngineException _) {
      return List.of();
    }
    return names;
  }
}
