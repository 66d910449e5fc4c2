package io.selvage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/** The index decides as the reference does, rule ids and notes included. */
class IndexEqualsReferenceTest {
  @Property(tries = 2_000)
  void onAFewRules(@ForAll long seed, @ForAll @IntRange(min = 2, max = 40) int vocabulary) {
    compare(new PolicyGenerator(seed, vocabulary), 4, 5, 6);
  }

  @Property(tries = 300)
  void onEnoughRulesToBranch(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 40) int vocabulary) {
    compare(new PolicyGenerator(seed, vocabulary), 3, 60, 20);
  }

  @Property(tries = 8)
  void onManyRules(@ForAll long seed, @ForAll @IntRange(min = 4, max = 40) int vocabulary) {
    compare(new PolicyGenerator(seed, vocabulary), 2, 1_500, 60);
  }

  private static void compare(PolicyGenerator generator, int stages, int rules, int requests) {
    Authorization authorization = generator.authorization(stages, rules);
    CompiledAuthorization compiled = CompiledAuthorization.compile(authorization);
    for (int c = 0; c < 4; c++) {
      ConnectionFacts facts = generator.connection();
      ConnectionAuthorization connection = compiled.onConnection(facts);
      Decision always = connection.decidedByConnection();
      for (int r = 0; r < requests; r++) {
        RecordedRequest request = generator.request();
        Decision decision = check(authorization, facts, connection, new Windows(request), 0);
        if (always != null) {
          assertThat(always).isEqualTo(decision);
        }
      }
      check(authorization, facts, connection, null, 0);
      if (stages > 0) {
        check(authorization, facts, connection, null, authorization.stages().size() / 2);
      }
    }
  }

  private static Decision check(
      Authorization authorization,
      ConnectionFacts facts,
      ConnectionAuthorization connection,
      @Nullable RequestView request,
      int stage) {
    ReferenceEvaluator.Outcome expected =
        ReferenceEvaluator.decideFrom(authorization, stage, facts, request);
    List<Note> notes = new ArrayList<>();
    Decision noted =
        request == null
            ? connection.decideTcpFrom(stage, notes::add)
            : connection.decideFrom(stage, request, notes::add);
    Decision plain =
        request == null
            ? connection.decideTcpFrom(stage, null)
            : connection.decideFrom(stage, request, null);
    assertThat(noted).isEqualTo(expected.decision());
    assertThat(plain).isEqualTo(expected.decision());
    assertThat(notes).isEqualTo(expected.notes());
    if (stage == 0) {
      assertThat(request == null ? connection.decideTcp() : connection.decide(request))
          .isEqualTo(plain);
    }
    if (plain.verdict() == Decision.Verdict.ASK) {
      check(authorization, facts, connection, request, plain.resumeAt());
    }
    return plain;
  }

  /** Hands out windows the way a codec does: each call spoils what the one before it gave. */
  private static final class Windows implements RequestView {
    private final RequestView view;
    private final byte[][] buffers = new byte[4][256];
    private final ByteSlice[] slices = {
      new ByteSlice(), new ByteSlice(), new ByteSlice(), new ByteSlice()
    };

    Windows(RecordedRequest request) {
      this.view = request.view();
    }

    private ByteSlice window(int which, ByteSlice value) {
      byte[] buffer = buffers[which];
      Arrays.fill(buffer, (byte) '/');
      System.arraycopy(value.array(), value.start(), buffer, 7, value.length());
      return slices[which].set(buffer, 7, 7 + value.length());
    }

    @Override
    public ByteSlice method() {
      return window(0, view.method());
    }

    @Override
    public ByteSlice authority() {
      return window(1, view.authority());
    }

    @Override
    public ByteSlice path() {
      return window(2, view.path());
    }

    @Override
    public @Nullable ByteSlice header(String lowerCaseName, int index) {
      ByteSlice value = view.header(lowerCaseName, index);
      return value == null ? null : window(3, value);
    }

    @Override
    public @Nullable InetAddress remoteAddress() {
      return view.remoteAddress();
    }

    @Override
    public @Nullable Map<String, ?> claims() {
      return view.claims();
    }
  }
}
