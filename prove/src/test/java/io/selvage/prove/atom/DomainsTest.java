package io.selvage.prove.atom;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.ByteSlice;
import io.selvage.policy.PathNormalizer;
import io.selvage.policy.PathNormalizer.Result;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Which texts a request can carry. */
class DomainsTest {
  private static final String OF_PATHS = "//..;%%%2e25F5c0041aAx?\\*\"";

  @Property(tries = 20_000)
  void aPathIsInItWhenItsNormaliserLeavesItAlone(
      @ForAll long seed, @ForAll PathNormalizer normalizer) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder("/");
    for (int i = random.nextInt(9); i > 0; i--) {
      text.append(OF_PATHS.charAt(random.nextInt(OF_PATHS.length())));
    }
    String path = text.toString();
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    ByteSlice target = new ByteSlice().set(bytes, 0, bytes.length);
    boolean unchanged =
        path.indexOf('?') < 0 && normalizer.normalize(target, new ByteSlice()) == Result.UNCHANGED;
    assertThat(Domains.path(normalizer).has(new Symbols().known(path)))
        .as(path)
        .isEqualTo(unchanged);
  }

  @Property
  void hostsHavePortsUpTo65535(@ForAll int port) {
    int number = Math.floorMod(port, 100_000);
    assertThat(Domains.HOST.has(new Symbols().known("a.example:" + number)))
        .isEqualTo(number <= 65_535);
  }
}
