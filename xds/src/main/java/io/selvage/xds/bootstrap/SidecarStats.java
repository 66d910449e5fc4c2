package io.selvage.xds.bootstrap;

import com.google.protobuf.BoolValue;
import io.envoyproxy.envoy.config.metrics.v3.StatsConfig;
import io.envoyproxy.envoy.config.metrics.v3.StatsMatcher;
import io.envoyproxy.envoy.config.metrics.v3.TagSpecifier;
import io.envoyproxy.envoy.type.matcher.v3.ListStringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which figures an Envoy keeps as a sidecar, and by which labels: Istio's defaults. */
final class SidecarStats {
  /** What Istio's readiness and its own dashboards need, and the verdicts of policies. */
  private static final List<String> PREFIXES =
      List.of("cluster_manager", "listener_manager", "server", "cluster.xds-grpc", "istio");

  private static final List<String> SUFFIXES =
      List.of(
          "rbac.allowed", "rbac.denied", "shadow_allowed", "shadow_denied", "downstream_cx_active");

  private static final String ROUTES = "vhost\\..*\\.route\\..*";

  /** The first group of an expression is cut out of a figure's name, the last is the label. */
  private static final Map<String, String> LABELS = new LinkedHashMap<>();

  static {
    LABELS.put("cluster_name", "^cluster\\.((.*?\\.svc\\.cluster\\.local|[^.]+)\\.)");
    LABELS.put("tcp_prefix", "^tcp\\.(([^.]+)\\.)");
    LABELS.put("response_code", "_rq(_(\\d\\d\\d))$");
    LABELS.put("response_code_class", "_rq(_(\\dxx))$");
    LABELS.put("http_conn_manager_prefix", "^http\\.((\\S+?)\\.)(?:rbac|downstream|rq_|no_)");
    LABELS.put("listener_address", "^listener\\.(([_.\\d]+|\\[[_a-fA-F\\d]+\\]_\\d+)\\.)");
    LABELS.put("authz_enforce_result", "rbac(\\.(allowed|denied))$");
    LABELS.put("authz_dry_run_action", "(\\.istio_dry_run_(allow|deny)_)");
    LABELS.put("authz_dry_run_result", "(shadow_(allowed|denied))$");
  }

  private SidecarStats() {}

  static StatsConfig config() {
    StatsConfig.Builder config = StatsConfig.newBuilder().setUseAllDefaultTags(BoolValue.of(false));
    LABELS.forEach(
        (name, regex) ->
            config.addStatsTags(TagSpecifier.newBuilder().setTagName(name).setRegex(regex)));
    ListStringMatcher.Builder kept = ListStringMatcher.newBuilder();
    PREFIXES.forEach(prefix -> kept.addPatterns(StringMatcher.newBuilder().setPrefix(prefix)));
    SUFFIXES.forEach(suffix -> kept.addPatterns(StringMatcher.newBuilder().setSuffix(suffix)));
    kept.addPatterns(
        StringMatcher.newBuilder().setSafeRegex(RegexMatcher.newBuilder().setRegex(ROUTES)));
    return config.setStatsMatcher(StatsMatcher.newBuilder().setInclusionList(kept)).build();
  }
}
