package io.selvage.xds.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Drainable;
import io.selvage.xds.XdsType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The bytes that go out are those of the message that they stand for. */
class DeltaMessageTest {
  private record Told(EncodedResource encoded, Resource expected) {}

  private static Told random(Random random, int number) {
    byte[] content = new byte[random.nextBoolean() ? random.nextInt(3) : random.nextInt(40_000)];
    random.nextBytes(content);
    Any any =
        Any.newBuilder()
            .setTypeUrl("type.googleapis.com/" + "t".repeat(random.nextInt(200)))
            .setValue(ByteString.copyFrom(content))
            .build();
    EncodedResource encoded =
        EncodedResource.of(XdsType.ROUTES, "ü".repeat(random.nextInt(200)) + number, any);
    Resource expected =
        Resource.newBuilder()
            .setName(encoded.name())
            .setVersion(encoded.version())
            .setResource(any)
            .build();
    return new Told(encoded, expected);
  }

  private static DeltaDiscoveryResponse expected(List<Told> told, List<String> removed) {
    return DeltaDiscoveryResponse.newBuilder()
        .setTypeUrl(XdsType.ROUTES.url())
        .setNonce("n1")
        .setSystemVersionInfo("v1")
        .setControlPlane(ClientSession.SELVAGE)
        .addAllRemovedResources(removed)
        .addAllResources(told.stream().map(Told::expected).toList())
        .build();
  }

  private static InputStream stream(List<Told> told, List<String> removed) {
    List<EncodedResource> resources = told.stream().map(Told::encoded).toList();
    return DeltaMessage.method(AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod())
        .streamResponse(
            DeltaMessage.of(
                XdsType.ROUTES.url(), "n1", new Subscription.Outgoing("v1", resources, removed)));
  }

  @Property(tries = 200)
  void drainedOrReadItIsTheResponse(@ForAll long seed, @ForAll @IntRange(max = 5) int count)
      throws IOException {
    Random random = new Random(seed);
    List<Told> told = IntStream.range(0, count).mapToObj(n -> random(random, n)).toList();
    List<String> removed = random.nextBoolean() ? List.of("gone", "also") : List.of();
    DeltaDiscoveryResponse expected = expected(told, removed);

    InputStream drained = stream(told, removed);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int length = drained.available();
    assertThat(((Drainable) drained).drainTo(out)).isEqualTo(length).isEqualTo(out.size());
    assertThat(drained.available()).isZero();
    assertThat(DeltaDiscoveryResponse.parseFrom(out.toByteArray())).isEqualTo(expected);

    InputStream read = stream(told, removed);
    assertThat(read.available()).isEqualTo(length);
    assertThat(DeltaDiscoveryResponse.parseFrom(read)).isEqualTo(expected);
    assertThat(read.available()).isZero();

    InputStream both = stream(told, removed);
    int first = both.read();
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    rest.write(first);
    ((Drainable) both).drainTo(rest);
    assertThat(rest.toByteArray()).isEqualTo(out.toByteArray());
    assertThat(told)
        .allSatisfy(one -> assertThat(one.encoded().any()).isEqualTo(one.expected().getResource()));
  }
}
