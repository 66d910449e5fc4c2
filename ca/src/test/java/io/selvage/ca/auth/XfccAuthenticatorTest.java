package io.selvage.ca.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class XfccAuthenticatorTest {
  @Test
  void readsTheLastElementAlone() {
    assertThat(
            ForwardedClientCert.lastElement(
                    "By=x;URI=spiffe://td/ns/a/sa/forged,By=y;Hash=1;Subject=\"\";URI=spiffe://td/ns/a/sa/b")
                .uris())
        .containsExactly("spiffe://td/ns/a/sa/b");
  }

  @Test
  void separatorsInQuotesSeparateNothing() {
    assertThat(
            ForwardedClientCert.lastElement(
                    "Subject=\"CN=a,O=b;URI=spiffe://td/forged\\\",URI=spiffe://td/forged\";URI=\"spiffe://td/ns/a/sa/b\"")
                .uris())
        .containsExactly("spiffe://td/ns/a/sa/b");
  }

  @Test
  void refusesWhatIsTooLongOrNotClosed() {
    assertThatThrownBy(() -> ForwardedClientCert.lastElement("URI=\"spiffe://td"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ForwardedClientCert.lastElement("x".repeat(40_000)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
