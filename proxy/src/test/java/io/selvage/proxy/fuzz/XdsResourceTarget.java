package io.selvage.proxy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.xds.XdsType;
import io.selvage.xds.encode.ResourceEncoder;
import io.selvage.xds.parse.ParseResult;
import io.selvage.xds.parse.ResourceParser;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.HttpFilter;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import io.selvage.xds.resource.XdsResource;
import java.util.List;
import java.util.Map;

/**
 * A resource of a control plane, its type by the first byte: problems or a resource, never both;
 * what was read is written and read again as the same, and its policies compile.
 */
public final class XdsResourceTarget implements FuzzTarget {
  private static final List<XdsType> TYPES = List.of(XdsType.values());

  @Override
  public String name() {
    return "xds-resource";
  }

  @Override
  public List<byte[]> seeds() {
    return SidecarResources.all().stream()
        .map(
            golden ->
                ByteString.copyFrom(new byte[] {(byte) TYPES.indexOf(golden.type())})
                    .concat(golden.any().getValue())
                    .toByteArray())
        .toList();
  }

  @Override
  public List<String> words() {
    return List.of(
        "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
        "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
        "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
        "envoy.filters.http.rbac",
        "\n\0",
        "\22\0",
        "\u00f8\u00ff\1\1",
        ".*(",
        "[^/]*",
        "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\1");
  }

  @Override
  public void run(byte[] input) {
    if (input.length == 0) {
      return;
    }
    XdsType type = TYPES.get((input[0] & 0xff) % TYPES.size());
    Any any =
        Any.newBuilder()
            .setTypeUrl(type.url())
            .setValue(ByteString.copyFrom(input, 1, input.length - 1))
            .build();
    ParseResult result = ResourceParser.parse(type, List.of(any));
    assertThat(result.good().isEmpty()).isNotEqualTo(result.problems().isEmpty());
    for (XdsResource resource : result.good().values()) {
      ParseResult again = ResourceParser.parse(type, List.of(ResourceEncoder.encode(resource)));
      assertThat(again.problems()).isEmpty();
      assertThat(again.good().toString()).isEqualTo(Map.of(resource.name(), resource).toString());
      if (resource instanceof Listener listener) {
        listener.filterChains().forEach(XdsResourceTarget::compile);
      }
    }
  }

  private static void compile(FilterChain chain) {
    switch (chain.stack()) {
      case NetworkStack.Tcp tcp -> CompiledAuthorization.compile(tcp.authorization());
      case NetworkStack.Http http -> {
        for (HttpFilter filter : http.filters()) {
          if (filter instanceof HttpFilter.Authorize authorize) {
            CompiledAuthorization.compile(authorize.authorization());
          }
        }
      }
    }
  }
}
