package io.selvage.cli.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TroubleWatchTest {

  private final Told told = new Told();
  private final TroubleWatch watch = new TroubleWatch(told);

  @Test
  void aTroubleIsToldOnceWhileItsWordsChange() {
    watch.look(List.of(new Trouble("the certificate of a", "ends in 9 h", false)));
    watch.look(List.of(new Trouble("the certificate of a", "ends in 8 h", false)));
    assertThat(told.taken()).containsExactly("W ends in 9 h");
  }

  @Test
  void itIsToldAgainWhenItBecomesUrgent() {
    watch.look(List.of(new Trouble("the certificate of a", "ends in 9 h", false)));
    watch.look(List.of(new Trouble("the certificate of a", "ends in 1 h", true)));
    assertThat(told.taken()).containsExactly("W ends in 9 h", "B ends in 1 h");
  }

  @Test
  void itsEndIsTold() {
    watch.look(List.of(new Trouble("the certificate of a", "ends in 9 h", false)));
    watch.look(List.of());
    watch.look(List.of());
    assertThat(told.taken())
        .containsExactly("W ends in 9 h", "G the certificate of a is well again");
  }
}
