package io.selvage.control.generate;

import io.selvage.control.workload.InboundPort;
import io.selvage.model.MeshConfig;
import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.policy.Authorization;
import io.selvage.xds.resource.ExternalAuthorizer;
import io.selvage.xds.resource.HttpFilter.JwtAuthentication;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the inbound side of a proxy depends on, and nothing else: two proxies with equal
 * inputs get the same resources, and a proxy whose input did not change is left alone.
 *
 * @param ports declared by services
 * @param modes what each port accepts: those declared, and those that only a PeerAuthentication
 *     names
 * @param otherMode what every other port accepts
 * @param policies what is enforced
 * @param jwt which tokens are taken
 * @param mesh settings of the mesh
 * @param bound where the proxy itself listens, when connections are not captured
 * @param family of the workload's address
 */
public record InboundInput(
    List<InboundPort> ports,
    Map<Integer, Mode> modes,
    Mode otherMode,
    Policies policies,
    Optional<JwtAuthentication> jwt,
    MeshConfig mesh,
    Optional<Bound> bound,
    AddressFamily family) {

  /**
   * What a workload enforces: on ports where requests are seen, on all others, and where CUSTOM
   * stages ask. There may be as many of them as workloads, and each large: what tells most of them
   * apart is computed once, and not before somebody asks.
   */
  public static final class Policies {
    /** Whichever they are: listeners do not hold them. */
    static final Policies NAMED =
        new Policies(Authorization.NONE, Authorization.NONE, List.of(), true);

    private final Authorization http;
    private final Authorization tcp;
    private final List<ExternalAuthorizer> providers;
    private final boolean named;
    private int hash;

    /** These, in the listeners. */
    public Policies(Authorization http, Authorization tcp, List<ExternalAuthorizer> providers) {
      this(http, tcp, providers, false);
    }

    private Policies(
        Authorization http, Authorization tcp, List<ExternalAuthorizer> providers, boolean named) {
      this.http = http;
      this.tcp = tcp;
      this.providers = providers;
      this.named = named;
    }

    /** Whether listeners name them instead of holding them. */
    boolean named() {
      return named;
    }

    /** On ports where requests are seen. */
    public Authorization http() {
      return http;
    }

    /** On all other ports. */
    public Authorization tcp() {
      return tcp;
    }

    /** Where CUSTOM stages ask. */
    public List<ExternalAuthorizer> providers() {
      return providers;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other
          || (other instanceof Policies that
              && named == that.named
              && hashCode() == that.hashCode()
              && http.equals(that.http)
              && tcp.equals(that.tcp)
              && providers.equals(that.providers));
    }

    @Override
    public int hashCode() {
      if (hash == 0) {
        hash = Objects.hash(http, tcp, providers);
      }
      return hash;
    }
  }

  /**
   * Where a proxy listens and where its program does, without capture.
   *
   * @param address literal IP
   * @param apps {@code host:port} of the program, by own port
   */
  public record Bound(String address, Map<Integer, String> apps) {}

  /** What the mode of a declared port is. */
  Mode mode(int port) {
    return modes.getOrDefault(port, otherMode);
  }

  /** Of what differs between workloads; the policies know theirs. */
  @Override
  public int hashCode() {
    return (ports.hashCode() * 31 + modes.hashCode()) * 31
        + bound.hashCode() * 17
        + policies.hashCode();
  }
}
