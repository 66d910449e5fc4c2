package io.selvage.xds.resource;

import io.selvage.policy.Authorization;
import io.selvage.xds.resource.ExtensionConfig.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Puts filters that came by ECDS where listeners stand for them: what comes out is the listener
 * that would have come with all of its filters in it.
 */
public final class Discovery {
  private final Function<String, Optional<ExtensionConfig>> extensions;

  /**
   * One that finds filters so.
   *
   * @param extensions by name; a listener that names one that is not here cannot be made whole
   */
  public Discovery(Function<String, Optional<ExtensionConfig>> extensions) {
    this.extensions = extensions;
  }

  /** What keeps a listener from being whole: names that are missing, or of another layer. */
  public List<String> missing(Listener listener) {
    List<String> missing = new ArrayList<>();
    listener
        .chains()
        .forEach(
            chain -> {
              Layer layer = layer(chain.stack());
              for (String name : chain.stack().discovered()) {
                if (extensions.apply(name).filter(found -> found.layer() == layer).isEmpty()) {
                  missing.add("extension " + name);
                }
              }
            });
    return missing.stream().distinct().toList();
  }

  private static Layer layer(NetworkStack stack) {
    return switch (stack) {
      case NetworkStack.Tcp _ -> Layer.NETWORK;
      case NetworkStack.Http _ -> Layer.HTTP;
    };
  }

  /** The listener with all of its filters in it. None of them is missing. */
  public Listener whole(Listener listener) {
    return listener.isWhole()
        ? listener
        : listener.withChains(
            listener.filterChains().stream().map(this::whole).toList(),
            listener.defaultFilterChain().map(this::whole));
  }

  private FilterChain whole(FilterChain chain) {
    return new FilterChain(
        chain.name(),
        chain.match(),
        chain.tls(),
        switch (chain.stack()) {
          case NetworkStack.Tcp tcp -> tcp.holding(whole(tcp));
          case NetworkStack.Http http -> http.with(whole(http.filters()));
        });
  }

  private Authorization whole(NetworkStack.Tcp tcp) {
    List<Authorization.Stage> stages = new ArrayList<>(tcp.authorization().stages());
    tcp.discovered().forEach(name -> add(name, stages));
    return new Authorization(List.copyOf(stages));
  }

  /** Filters of authorization that follow one another are one. */
  private List<HttpFilter> whole(List<HttpFilter> filters) {
    List<HttpFilter> to = new ArrayList<>();
    List<Authorization.Stage> stages = new ArrayList<>();
    List<ExternalAuthorizer> providers = new ArrayList<>();
    for (HttpFilter filter : filters) {
      switch (filter) {
        case HttpFilter.Authorize(var authorization, var own) -> {
          stages.addAll(authorization.stages());
          providers.addAll(own);
        }
        case HttpFilter.Discovered(String name) -> add(name, stages);
        case HttpFilter.JwtAuthentication _, HttpFilter.PassedOver _ -> {
          flush(stages, providers, to);
          to.add(filter);
        }
      }
    }
    flush(stages, providers, to);
    return List.copyOf(to);
  }

  private static void flush(
      List<Authorization.Stage> stages, List<ExternalAuthorizer> providers, List<HttpFilter> to) {
    if (!stages.isEmpty()) {
      to.add(
          new HttpFilter.Authorize(new Authorization(List.copyOf(stages)), List.copyOf(providers)));
    }
    stages.clear();
    providers.clear();
  }

  /** A filter without rules asks nothing. */
  private void add(String name, List<Authorization.Stage> stages) {
    Authorization.Stage.Rbac found =
        extensions
            .apply(name)
            .map(ExtensionConfig::stage)
            .orElseThrow(() -> new IllegalStateException("extension " + name + " is missing"));
    if (found.enforced().isPresent() || found.shadow().isPresent()) {
      stages.add(found);
    }
  }
}
