package io.selvage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class ManyValuesTest {
  @Property(tries = 5_000)
  void aSetOfTextsHoldsWhenOneOfThemDoes(
      @ForAll @Size(min = 1, max = 12)
          List<@Chars({'a', 'A', '/', 'é'}) @StringLength(min = 1, max = 4) String> texts,
      @ForAll @Chars({'a', 'A', '/', 'é'}) @StringLength(max = 5) String text,
      @ForAll boolean ignoreCase) {
    List<StringMatch> matches =
        IntStream.range(0, texts.size()).mapToObj(i -> match(i, texts.get(i), ignoreCase)).toList();
    byte[] bytes = ("xx" + text + "yy").getBytes(StandardCharsets.UTF_8);

    assertThat(TextSet.of(matches, ignoreCase).test(bytes, 2, bytes.length - 2))
        .isEqualTo(matches.stream().anyMatch(match -> match.matches(text)));
  }

  private static StringMatch match(int kind, String text, boolean ignoreCase) {
    return switch (kind % 3) {
      case 0 -> new StringMatch.Exact(text, ignoreCase);
      case 1 -> new StringMatch.Prefix(text, ignoreCase);
      default -> new StringMatch.Suffix(text, ignoreCase);
    };
  }

  @Property(tries = 5_000)
  void aSetOfBlocksHoldsWhenOneOfThemDoes(
      @ForAll @Size(min = 1, max = 12) List<Integer> seeds, @ForAll int candidate) {
    List<Cidr> blocks =
        seeds.stream()
            .map(
                seed ->
                    new Cidr(
                        address(seed),
                        Math.floorMod(seed, address(seed).getAddress().length * 8 + 1)))
            .toList();
    AddressSet set = new AddressSet(blocks);

    for (InetAddress each :
        List.of(address(candidate), blocks.getFirst().address(), address(seeds.getLast()))) {
      assertThat(set.contains(each))
          .isEqualTo(blocks.stream().anyMatch(block -> block.contains(each)));
    }
  }

  /** Of few different bits, so that blocks overlap and touch; both families. */
  private static InetAddress address(int seed) {
    int few = seed & 0x03000003;
    String v4 = "%d.0.0.%d".formatted(few >>> 24, few & 0xff);
    return InetAddress.ofLiteral(
        seed % 2 == 0 ? v4 : "2001:db8:%x::%x".formatted(few >>> 24, few & 0xff));
  }

  @Test
  void tenThousandValuesOfOneFieldAreTestedAtOnce() {
    List<Matcher> paths =
        IntStream.range(0, 10_000)
            .<Matcher>mapToObj(i -> new Matcher.Path(new StringMatch.Prefix("/res" + i, false)))
            .toList();

    assertThat(new PredicateCompiler().compile(new Matcher.Or(paths), Reading.NARROW))
        .isInstanceOf(Predicate.OfRequest.class);
  }
}
