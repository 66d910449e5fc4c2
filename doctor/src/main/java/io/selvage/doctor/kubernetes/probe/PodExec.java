package io.selvage.doctor.kubernetes.probe;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.selvage.doctor.probe.Batch;
import io.selvage.doctor.probe.ProbeFailed;
import io.selvage.doctor.probe.Ran;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs commands in a container, as {@code kubectl exec} does. */
record PodExec(KubernetesClient client, String namespace, String pod, String container) {
  private static final long LIMIT_SECONDS = 15;

  /** Runs one to its end, within a limit. */
  Ran run(List<String> line) throws ProbeFailed, InterruptedException {
    return run(line, LIMIT_SECONDS);
  }

  /** Runs one for each argument, one after the other, in one shell; how each ended. */
  List<Ran> runAll(List<String> command, List<String> arguments)
      throws ProbeFailed, InterruptedException {
    Ran ran = run(Batch.line(command, arguments), LIMIT_SECONDS * arguments.size());
    if (ran.exit() != 0) {
      throw new ProbeFailed(
          "%s in %s/%s: %s".formatted(command.getFirst(), namespace, pod, ran.err().strip()));
    }
    return Batch.read(ran.out(), arguments.size());
  }

  private Ran run(List<String> line, long limitSeconds) throws ProbeFailed, InterruptedException {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    try (ExecWatch watch =
        client
            .pods()
            .inNamespace(namespace)
            .withName(pod)
            .inContainer(container)
            .writingOutput(out)
            .writingError(err)
            .exec(line.toArray(String[]::new))) {
      Integer exit = watch.exitCode().get(limitSeconds, TimeUnit.SECONDS);
      if (exit == null) {
        throw new ProbeFailed("%s in %s/%s was cut off".formatted(line.getFirst(), namespace, pod));
      }
      return new Ran(
          exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    } catch (KubernetesClientException e) {
      throw Refused.of(e, "create pods/exec -n " + namespace);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof KubernetesClientException refused) {
        throw Refused.of(refused, "create pods/exec -n " + namespace);
      }
      throw new ProbeFailed(
          "%s in %s/%s: %s".formatted(line.getFirst(), namespace, pod, e.getCause()));
    } catch (TimeoutException e) {
      throw new ProbeFailed(
          "%s in %s/%s did not end in %d s"
              .formatted(line.getFirst(), namespace, pod, limitSeconds));
    }
  }
}
