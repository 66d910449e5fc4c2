package io.selvage.it.stage;

import io.selvage.cli.netns.EntryCommand.Container;

/** A workload of a running mesh, and as which of its containers a command runs there. */
public record Place(String cluster, String namespace, String workload, Container container) {

  /** The application of {@code namespace/workload}, whose traffic is captured. */
  public static Place app(String cluster, String namespace, String workload) {
    return new Place(cluster, namespace, workload, Container.APPLICATION);
  }

  /** The same workload, past its proxy. */
  public Place pastTheProxy() {
    return new Place(cluster, namespace, workload, Container.PROXY);
  }
}
