package io.selvage.doctor.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class XfccTest {
  @Test
  void anElementHasItsPairs() {
    List<Xfcc> all =
        Xfcc.parse(
            "By=spiffe://td/ns/a/sa/b;Hash=ABCD;Subject=\"\";URI=spiffe://td/ns/c/sa/d;DNS=x.example");
    assertThat(all).hasSize(1);
    assertThat(all.getFirst().by()).contains("spiffe://td/ns/a/sa/b");
    assertThat(all.getFirst().hash()).contains("abcd");
    assertThat(all.getFirst().uri()).contains("spiffe://td/ns/c/sa/d");
    assertThat(all.getFirst().subject()).isEmpty();
  }

  @Test
  void aQuotedValueMayHoldWhatSeparates() {
    List<Xfcc> all =
        Xfcc.parse("Hash=1;Subject=\"CN=a, O=\\\"b; c\\\"\";URI=spiffe://x, hash=2;uri=spiffe://y");
    assertThat(all).hasSize(2);
    assertThat(all.getFirst().subject()).contains("CN=a, O=\"b; c\"");
    assertThat(all.getFirst().uri()).contains("spiffe://x");
    assertThat(all.getLast().uri()).contains("spiffe://y");
  }

  @Test
  void nothingIsNoElement() {
    assertThat(Xfcc.parse("")).isEmpty();
    assertThat(Xfcc.parse(",;,=,")).isEmpty();
  }

  @Property(tries = 500)
  void noTextMakesItThrow(
      @ForAll @CharRange(from = ' ', to = '~') @StringLength(max = 60) String text) {
    assertThatCode(() -> Xfcc.parse(text)).doesNotThrowAnyException();
  }

  @Property(tries = 300)
  void whatIsQuotedComesBack(
      @ForAll @CharRange(from = ' ', to = '~') @StringLength(min = 1, max = 30) String value) {
    String quoted = value.replace("\\", "\\\\").replace("\"", "\\\"");
    List<Xfcc> all = Xfcc.parse("Hash=1;Subject=\"" + quoted + "\";URI=spiffe://x");
    assertThat(all).hasSize(1);
    assertThat(all.getFirst().subject()).contains(value);
    assertThat(all.getFirst().uri()).contains("spiffe://x");
  }
}
