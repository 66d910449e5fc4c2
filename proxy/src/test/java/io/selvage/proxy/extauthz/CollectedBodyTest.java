package io.selvage.proxy.extauthz;

import static io.selvage.proxy.extauthz.CollectedBody.Step.ASK;
import static io.selvage.proxy.extauthz.CollectedBody.Step.MORE;
import static io.selvage.proxy.extauthz.CollectedBody.Step.TOO_LARGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.selvage.xds.resource.ExternalAuthorizer.RequestBody;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CollectedBodyTest {
  @Test
  void aBodyWithinTheLimitIsSeenWhole() {
    CollectedBody body = collect(5, false);

    assertThat(body.add(piece("abc"))).isEqualTo(MORE);
    assertThat(body.add(piece("de"))).isEqualTo(MORE);
    assertThat(body.end()).isEqualTo(ASK);

    assertThat(body.forCheck().bytes().toStringUtf8()).isEqualTo("abcde");
    assertThat(body.forCheck().partial()).isFalse();
    body.release();
  }

  @Test
  void aLargerBodyIsTooLarge() {
    CollectedBody body = collect(5, false);

    assertThat(body.add(piece("abcdef"))).isEqualTo(TOO_LARGE);

    body.release();
  }

  @Test
  void theBeginningIsEnoughWhereThatIsConfiguredAndAllGoesOn() {
    CollectedBody body = collect(5, true);

    assertThat(body.add(piece("abc"))).isEqualTo(MORE);
    assertThat(body.add(piece("defg"))).isEqualTo(ASK);

    assertThat(body.forCheck().bytes().toStringUtf8()).isEqualTo("abcde");
    assertThat(body.forCheck().partial()).isTrue();
    ByteBuf all = body.take();
    assertThat(all.toString(StandardCharsets.UTF_8)).isEqualTo("abcdefg");
    all.release();
  }

  @Test
  void whatIsHeldIsReleased() {
    CollectedBody body = collect(5, true);
    ByteBuf piece = piece("abc");
    body.add(piece);

    body.release();

    assertThat(piece.refCnt()).isZero();
  }

  private static CollectedBody collect(int max, boolean partial) {
    return new CollectedBody(
        new RequestBody(max, partial, false), UnpooledByteBufAllocator.DEFAULT);
  }

  private static ByteBuf piece(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }
}
