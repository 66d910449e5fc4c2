package io.selvage.it.conformance;

import io.selvage.it.stage.Opened;
import java.nio.file.Path;

/**
 * A stage whose control plane is ours: network, application, authorizer and client. The proxy is
 * what subjects differ in.
 */
final class SelvageStage implements AutoCloseable {
  private static final CaseSet NOTHING =
      CaseReader.parse(
          "nothing",
          """
          {"title": "nothing", "follows": "nothing", "resources": [],
           "cases": [{"id": "any", "request": {}, "expect": {"status": 200}}]}
          """);

  private final Opened opened = new Opened();
  private final TokenMint mint;
  private final CaseAuthority authority;
  private final CaseNetwork network;
  private final SelvagePlane plane;
  private final CaseClient client;
  private long generation = 1;

  /**
   * Starts all but the proxy.
   *
   * @param name tells its namespaces from others
   */
  SelvageStage(String name, Path folder, TokenMint mint) throws Exception {
    this.mint = mint;
    try {
      authority = CaseAuthority.create();
      network = opened.add(new CaseNetwork(name, folder));
      opened.add(new Application(network.inServer()));
      opened.add(new Authorizer(network.inClient()));
      plane =
          opened.add(
              new SelvagePlane(
                  authority,
                  ConfiguredSet.snapshot(NOTHING, mint, ConfiguredSet.mesh(NOTHING), generation)));
      client = new CaseClient(network.inClient(), new ClientTls(authority));
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  CaseAuthority authority() {
    return authority;
  }

  CaseNetwork network() {
    return network;
  }

  SelvagePlane plane() {
    return plane;
  }

  /** Has something closed before the stage is. */
  <T extends AutoCloseable> T add(T one) {
    return opened.add(one);
  }

  void apply(CaseSet set) throws Exception {
    generation++;
    String name = "set-" + generation;
    var settings = ConfiguredSet.mesh(set);
    Probe.name(settings, name);
    plane.put(ConfiguredSet.snapshot(set, mint, settings, generation));
    Probe.await(client, plane.mesh(), name, plane::refusal);
  }

  Outcome ask(Case one) throws Exception {
    return client.ask(one.request().withTokens(mint));
  }

  @Override
  public void close() {
    opened.close();
  }
}
