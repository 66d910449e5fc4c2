package io.selvage.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpiffeIdTest {
  @Test
  void readsAWorkload() throws PkiException {
    SpiffeId id = SpiffeId.parse("spiffe://cluster.local/ns/sample/sa/sleep");

    assertThat(id).isEqualTo(SpiffeId.workload("cluster.local", "sample", "sleep"));
    assertThat(id.namespace()).contains("sample");
    assertThat(id.serviceAccount()).contains("sleep");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spiffe://td",
        "spiffe://td/a",
        "spiffe://td/ns/a/sb/c",
        "spiffe://td/ns/a/sa/b/c",
        "spiffe://td/x/ns/a/sa/b"
      })
  void readsOtherIdsWithoutNamespaceAndAccount(String uri) throws PkiException {
    SpiffeId id = SpiffeId.parse(uri);

    assertThat(id.namespace()).isEmpty();
    assertThat(id.serviceAccount()).isEmpty();
    assertThat(id).hasToString(uri);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "td/ns/a",
        "http://td/a",
        "SPIFFE://td/a",
        "spiffe://",
        "spiffe:///a",
        "spiffe://TD/a",
        "spiffe://td/",
        "spiffe://td//a",
        "spiffe://td/a/",
        "spiffe://td/.",
        "spiffe://td/a/..",
        "spiffe://td/a/../b",
        "spiffe://td:8080/a",
        "spiffe://user@td/a",
        "spiffe://td/a?q",
        "spiffe://td/a#f",
        "spiffe://td/%61",
        "spiffe://td/a b",
        "spiffe://td/\u0000",
        "spiffe://td/ä",
        "spiffe://tä/a",
        "spiffe://td\\a"
      })
  void refusesWhatTheSpecificationForbids(String uri) {
    assertThatThrownBy(() -> SpiffeId.parse(uri)).isInstanceOf(PkiException.class);
  }

  @Test
  void refusesNamesThatWouldMoveSegments() {
    assertThatThrownBy(() -> SpiffeId.workload("td", "a/sa/b", "c"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SpiffeId.workload("td", "..", "c"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Property
  void readsOnlyWhatItWouldWrite(@ForAll String tail) {
    try {
      assertThat(SpiffeId.parse("spiffe://" + tail)).hasToString("spiffe://" + tail);
    } catch (PkiException e) {
      assertThat(e.reason()).isEqualTo(PkiException.Reason.BAD_IDENTITY);
    }
  }
}
