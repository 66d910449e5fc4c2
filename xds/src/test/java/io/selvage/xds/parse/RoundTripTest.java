package io.selvage.xds.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.xds.RandomResources;
import io.selvage.xds.XdsType;
import io.selvage.xds.encode.ResourceEncoder;
import io.selvage.xds.resource.XdsResource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RoundTripTest {
  @Property(tries = 600)
  void whatIsWrittenIsReadBackTheSame(@ForAll("resources") XdsResource resource) {
    ParseResult result =
        ResourceParser.parse(XdsType.of(resource), List.of(ResourceEncoder.encode(resource)));
    assertThat(result.problems()).isEmpty();
    assertThat(result.good()).isEqualTo(Map.of(resource.name(), resource));
  }

  @Property(tries = 200)
  void equalRecordsGiveEqualBytes(@ForAll long seed) {
    assertThat(ResourceEncoder.encode(new RandomResources(new Random(seed)).resource()))
        .isEqualTo(ResourceEncoder.encode(new RandomResources(new Random(seed)).resource()));
  }

  @Property(tries = 300)
  void aTruncatedResourceIsAProblemOrAnotherResourceNeverAnException(
      @ForAll("resources") XdsResource resource, @ForAll long seed) {
    var any = ResourceEncoder.encode(resource);
    int size = new Random(seed).nextInt(any.getValue().size());
    var cut = any.toBuilder().setValue(any.getValue().substring(0, size)).build();
    assertThat(ResourceParser.parse(XdsType.of(resource), List.of(cut))).isNotNull();
  }

  @Property(tries = 500)
  void aFlippedByteNeverEscapesAsAnException(
      @ForAll("resources") XdsResource resource, @ForAll long seed) {
    var any = ResourceEncoder.encode(resource);
    byte[] bytes = any.getValue().toByteArray();
    Random random = new Random(seed);
    for (int i = 0; i < 3; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    var bent = any.toBuilder().setValue(com.google.protobuf.ByteString.copyFrom(bytes)).build();
    assertThat(ResourceParser.parse(XdsType.of(resource), List.of(bent))).isNotNull();
  }

  @Provide
  Arbitrary<XdsResource> resources() {
    return Arbitraries.randomValue(random -> new RandomResources(random).resource());
  }
}
