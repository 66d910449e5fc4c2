package io.selvage.proxy.tls;

import io.selvage.xds.resource.TlsSettings;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The TLS contexts of one workload, one for each set of settings that its configuration uses. */
public final class TlsContexts implements AutoCloseable {
  private final KeyMaterial material;
  private final InstantSource clock;
  private final Map<TlsSettings.Downstream, ServerTls> servers = new ConcurrentHashMap<>();
  private final Map<TlsSettings.Upstream, ClientTls> clients = new ConcurrentHashMap<>();

  public TlsContexts(KeyMaterial material, InstantSource clock) {
    this.material = material;
    this.clock = clock;
  }

  /** The server's side under these settings. */
  public ServerTls server(TlsSettings.Downstream settings) {
    return servers.computeIfAbsent(settings, s -> new ServerTls(s, material, clock));
  }

  /** The client's side under these settings. */
  public ClientTls client(TlsSettings.Upstream settings) {
    return clients.computeIfAbsent(settings, s -> new ClientTls(s, material, clock));
  }

  /** Frees what no configuration uses any more; connections that were made with it go on. */
  public void keepOnly(Set<TlsSettings> used) {
    servers
        .entrySet()
        .removeIf(
            entry -> {
              boolean unused = !used.contains(entry.getKey());
              if (unused) {
                entry.getValue().close();
              }
              return unused;
            });
    clients
        .entrySet()
        .removeIf(
            entry -> {
              boolean unused = !used.contains(entry.getKey());
              if (unused) {
                entry.getValue().close();
              }
              return unused;
            });
  }

  /** Frees everything. */
  @Override
  public void close() {
    keepOnly(Set.of());
  }
}
