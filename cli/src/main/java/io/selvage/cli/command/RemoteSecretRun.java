package io.selvage.cli.command;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.Config;
import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.control.kubernetes.remote.Reader;
import io.selvage.control.kubernetes.remote.RemoteSecrets;
import io.selvage.control.kubernetes.remote.RemoteSecrets.Member;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Makes a cluster's remote Secret; apart from the command, whose class is loaded for its help. */
final class RemoteSecretRun {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private RemoteSecretRun() {}

  /**
   * What it is to be.
   *
   * @param name the cluster's id; empty: its context's name
   * @param namespace the control plane's
   * @param server where others reach the API server; empty: as the kubeconfig
   * @param reader who is to read the cluster
   */
  record Wanted(Optional<String> name, String namespace, Optional<String> server, Reader reader) {}

  /** The Secret as YAML. */
  static String yaml(Optional<Path> kubeconfig, Optional<String> context, Wanted wanted) {
    try (var client = ClusterConnection.open(kubeconfig, context)) {
      String id = id(client.getConfiguration(), wanted.name());
      Secret secret = secret(new Member(id, client, wanted.server()), wanted);
      return "---\n" + client.getKubernetesSerialization().asYaml(secret).strip();
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static Secret secret(Member member, Wanted wanted) {
    try {
      return new RemoteSecrets(wanted.namespace(), wanted.reader(), PATIENCE).of(member);
    } catch (IOException e) {
      throw new UserError(ExitCode.NO_ACCESS, String.valueOf(e.getMessage()));
    }
  }

  private static String id(Config config, Optional<String> name) {
    String id =
        name.orElseGet(
            () -> config.getCurrentContext() == null ? "" : config.getCurrentContext().getName());
    if (!id.matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")) {
      throw new UserError(
          ExitCode.USAGE,
          "\"%s\" is no cluster id: give --name, small letters, digits and hyphens".formatted(id));
    }
    return id;
  }
}
