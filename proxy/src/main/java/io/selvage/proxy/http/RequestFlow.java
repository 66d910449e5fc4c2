package io.selvage.proxy.http;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.buffer.ByteBuf;
import io.selvage.policy.ByteSlice;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.policy.Note;
import io.selvage.proxy.authorize.Admission;
import io.selvage.proxy.authorize.Passage;
import io.selvage.proxy.authorize.Permit;
import io.selvage.proxy.authorize.Question;
import io.selvage.proxy.authorize.Refusal;
import io.selvage.proxy.extauthz.HeaderEdits;
import io.selvage.proxy.extauthz.Verdict;
import io.selvage.proxy.http1.BodyFraming;
import io.selvage.proxy.http1.BodyReader;
import io.selvage.proxy.http1.Exchange;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HopByHop;
import io.selvage.proxy.http1.HttpViolation;
import io.selvage.proxy.http1.KnownHeader;
import io.selvage.proxy.telemetry.Headers;
import io.selvage.proxy.telemetry.RequestRecord;
import io.selvage.proxy.telemetry.ResponseFlag;
import io.selvage.proxy.upstream.BodyForm;
import io.selvage.proxy.upstream.ResponseListener;
import io.selvage.proxy.upstream.UpstreamFailure;
import io.selvage.proxy.upstream.UpstreamStream;
import io.selvage.xds.resource.RouteConfiguration.RetryPolicy;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request from its head to the last byte of its answer. Read downwards: {@link #begin} brings
 * it into the form that policy sees, {@link #authenticate} checks tokens, {@link #authorize} asks
 * the policy, {@link #route} finds the upstream for a permitted one, {@link #forward} sends it;
 * then the answer comes back through the {@code on…} methods. Lives on one event loop; completes
 * its record exactly once.
 */
final class RequestFlow implements ResponseListener, ExternalQuestion.Asker, Note.Sink {
  private static final Logger LOG = LoggerFactory.getLogger(RequestFlow.class);
  private static final long BACK_OFF_MILLIS = 25;

  private final HttpSession session;
  private final ClientStream client;
  private final RequestRecord record;
  private final Deadline deadline;
  private final HeadBuffer head;
  private final BodyFraming framing;
  private final long startNanos;

  private boolean webSocket;
  private boolean grpc;
  private BodyForm form = BodyForm.NONE;
  private @Nullable Replay replay;
  private @Nullable Upstream upstream;
  private @Nullable UpstreamStream stream;
  private @Nullable ExternalQuestion question;
  private HeaderEdits answerEdits = HeaderEdits.NONE;
  private int tries;
  private boolean requestEnded;
  private @Nullable HeadBuffer requestTrailers;
  private boolean attemptOpen;
  private boolean clientPaused;
  private boolean upstreamPaused;
  private boolean responseStarted;
  private boolean admitted;
  private boolean ending;
  private boolean over;

  /**
   * @param head valid until the answer is complete
   */
  RequestFlow(
      HttpSession session,
      ClientStream client,
      RequestRecord record,
      Deadline deadline,
      HeadBuffer head,
      BodyFraming framing) {
    this.session = session;
    this.client = client;
    this.record = record;
    this.deadline = deadline;
    this.head = head;
    this.framing = framing;
    this.startNanos = System.nanoTime();
  }

  // ---- 1: into the form that policy, routing and the application see

  void begin() {
    session.refresh();
    HttpStack stack = session.stack();
    record.begin(protocol(), headers(head), stack.clock().millis(), startNanos);
    grpc = GrpcRequests.is(head);
    if (head.isMethod("CONNECT")) {
      reply(LocalReply.CONNECT_REFUSED);
      return;
    }
    HttpViolation violation = head.normalisePath(stack.normalization());
    if (violation != null) {
      reply(LocalReply.of(violation));
      return;
    }
    // an upgrade with a body is none: where the body ends, the two sides need not agree
    webSocket =
        stack.config().webSocket()
            && framing instanceof BodyFraming.None
            && HopByHop.isWebSocket(head);
    HopByHop.strip(head, webSocket);
    head.remove(KnownHeader.EXPECT);
    session.ids().ensure(head);
    ForwardedHeaders.apply(head, stack.config(), session.peer());
    session.clientCert().apply(head);
    if (stack.stagesBeforeTokens() == 0) {
      authenticate(stack);
    } else {
      authorize(Admission.beforeTokens(session.peer(), stack.stagesBeforeTokens(), head, this));
    }
  }

  /** A head that breaks the protocol, or is late, goes no further. */
  void refuse(LocalReply answer) {
    session.refresh();
    record.begin(protocol(), headers(head), session.stack().clock().millis(), startNanos);
    reply(answer);
  }

  private String protocol() {
    return client.isHttp2() ? "HTTP/2" : "HTTP/1.1";
  }

  // ---- 2: whose tokens does it bring

  private void authenticate(HttpStack stack) {
    if (tokensHold(stack)) {
      authorize(Admission.ofRequest(session.peer(), head, this));
    }
  }

  private boolean tokensHold(HttpStack stack) {
    LocalReply bad = stack.tokens().check(head, record, session.peer().isTls());
    if (bad != null) {
      record.denied("", bad.details());
      replyUnrouted(bad);
    }
    return bad == null;
  }

  // ---- 3: may it pass

  private void authorize(Admission admission) {
    switch (admission) {
      case Permit permit -> admit(permit);
      case Refusal refusal -> {
        deny(refusal);
        replyUnrouted(LocalReply.denied(refusal.decision().responseCodeDetails()));
      }
      case Question asked -> ask(asked);
      case Passage passage -> {
        if (tokensHold(session.stack())) {
          authorize(passage.authenticated(head, this));
        }
      }
    }
  }

  private void deny(Refusal refusal) {
    record.denied(refusal.decision().ruleId().orElse(""), refusal.decision().responseCodeDetails());
  }

  /** While an authorizer was asked, the policy may have become another one. */
  private void admit(Permit permit) {
    if (permit.peer() == session.peer()) {
      route(permit);
      return;
    }
    Admission now = Admission.ofRequest(session.peer(), head, this);
    if (asksAnew(now, permit.peer().chain().stack().authorization())) {
      endAfterDrainTime();
    }
    authorize(ifAgreed(now));
  }

  /** What it comes to if every authorizer agrees. */
  private Admission ifAgreed(Admission admission) {
    Admission end = admission;
    while (end instanceof Question asked) {
      end = asked.agreed(head, null);
    }
    return end;
  }

  /** Whether an authorizer is to agree who has not, by that policy. */
  private boolean asksAnew(Admission admission, CompiledAuthorization before) {
    Admission next = admission;
    while (next instanceof Question asked) {
      if (!asked.isAskedBy(before)) {
        return true;
      }
      next = asked.agreed(head, null);
    }
    return false;
  }

  /**
   * Another policy is in force, and decides on what is under way as well: what it forbids ends. Of
   * tokens it sees what they said when they were checked. Where it wants an authorizer to be asked
   * who was not, nobody can ask any more as the request may have been changed since it came: it
   * ends after the drain time. Who is not admitted yet is decided by what holds then.
   *
   * @param before the policy that was in force
   */
  void policyChanged(CompiledAuthorization before) {
    if (over || !admitted) {
      return;
    }
    Admission now = Admission.ofRequest(session.peer(), head, this);
    if (ifAgreed(now) instanceof Refusal refusal) {
      LOG.info("{} under way is denied by a new policy: {}", head.path(), refusal.decision());
      deny(refusal);
      breakOff(LocalReply.denied(refusal.decision().responseCodeDetails()));
    } else if (asksAnew(now, before)) {
      endAfterDrainTime();
    } else if (now instanceof Permit) {
      ending = false;
    }
  }

  private void endAfterDrainTime() {
    if (!ending) {
      ending = true;
      long millis = session.stack().config().limits().drainTimeout().toMillis();
      unwatched(client.loop().schedule(this::drained, millis, TimeUnit.MILLISECONDS));
    }
  }

  private void drained() {
    if (!over && ending) {
      record.flag(ResponseFlag.LR);
      record.details(LocalReply.POLICY_CHANGED.details());
      breakOff(LocalReply.POLICY_CHANGED);
    }
  }

  /** Policy wants somebody else to agree first. The body waits, or is collected for them. */
  private void ask(Question asked) {
    ExternalQuestion asking =
        new ExternalQuestion(
            asked,
            session.stack().authorizers().named(asked.provider()),
            head,
            framing,
            client,
            this,
            session.stack().clock());
    question = asking;
    asking.begin();
  }

  @Override
  public void answered(Question asked, Verdict verdict) {
    if (over) {
      return;
    }
    session.refresh(); // whether or not everybody has been told of a new policy yet
    switch (verdict) {
      case Verdict.Allowed allowed -> {
        allowed.applyTo(head);
        answerEdits = allowed.response();
        authorize(asked.agreed(head, this));
      }
      case Verdict.Denied denied -> {
        record.denied(asked.decision().ruleId().orElse(""), denied.details());
        record.flag(ResponseFlag.UAEX);
        replyUnrouted(LocalReply.of(denied));
      }
    }
    flushUpstream();
    client.flush();
  }

  @Override
  public void tooLarge() {
    reply(LocalReply.of(HttpViolation.BODY_TOO_LARGE));
    client.flush();
  }

  @Override
  public void take(Note note) {
    LOG.info(
        "{} {} {} by {}: {}",
        note.shadow() ? "dry run" : "audit",
        head.method(),
        head.path(),
        session.peer().facts().peerPrincipal().orElse("nobody"),
        note);
  }

  // ---- 4: where does it go

  private void route(Permit permit) {
    admitted = true;
    switch (Upstream.route(permit, session.stack().routes().table(), head)) {
      case LocalReply reply -> replyUnrouted(reply);
      case Upstream found -> {
        EdgeRecord.route(record, session, found, grpc);
        forward(found);
      }
    }
  }

  // ---- 5: off it goes

  private void forward(Upstream to) {
    boolean http2 = to.cluster().speaksHttp2(client.isHttp2());
    BodyReader.Output output = http2 ? BodyReader.Output.DATA : BodyReader.Output.FRAMED;
    ByteBuf collected = question == null ? null : question.takeBody();
    boolean asData = http2 || client.isHttp2() || collected != null;
    form = BodyForm.of(framing, asData ? BodyReader.Output.DATA : BodyReader.Output.FRAMED);
    boolean hasBody = form != BodyForm.NONE;
    if (hasBody && to.target().retry().isPresent()) {
      replay = new Replay();
    }
    attempt(to, http2);
    if (!hasBody) {
      requestIsComplete(null);
    } else if (collected != null) {
      data(collected);
      if (question != null && question.isBodyEnded()) {
        end(null);
      } else if (!clientPaused) {
        client.pauseBody(false);
      }
    } else {
      client.readBody(output);
    }
  }

  private void attempt(Upstream to, boolean http2) {
    upstream = to;
    tries++;
    attemptOpen = true;
    to.cluster().requests().incrementAndGet();
    to.endpoint().active().incrementAndGet();
    record.upstream(to.endpoint().toString());
    Exchange exchange = Exchange.of(head, webSocket);
    BodyReader.Output answer = client.isHttp2() ? BodyReader.Output.DATA : BodyReader.Output.FRAMED;
    stream =
        to.cluster().send(to.endpoint(), client.loop(), http2, head, form, exchange, answer, this);
  }

  // ---- the request's body

  /** A piece of the body, in the form that was asked for. */
  void data(ByteBuf piece) {
    record.received(piece.readableBytes());
    if (question != null && question.isCollecting()) {
      question.collect(piece);
      return;
    }
    UpstreamStream to = stream;
    if (over || (to == null && replay == null)) {
      piece.release();
      return;
    }
    if (replay != null && !responseStarted) {
      replay.keep(piece);
    }
    if (to == null) {
      piece.release();
      return;
    }
    to.data(piece);
    if (!to.isWritable() && !clientPaused) {
      clientPaused = true;
      client.pauseBody(true);
    }
  }

  /** The body is complete. */
  void end(@Nullable HeadBuffer trailers) {
    if (question != null && question.isCollecting()) {
      question.collected();
      return;
    }
    requestIsComplete(trailers);
  }

  private void requestIsComplete(@Nullable HeadBuffer trailers) {
    if (over) {
      return;
    }
    requestEnded = true;
    requestTrailers = trailers;
    long now = System.nanoTime();
    record.requestEnded(now);
    if (stream != null && !webSocket) {
      stream.end(trailers);
    }
    if (upstream != null) {
      deadline.in(upstream.target().timeoutNanos(), now);
    }
  }

  /** Everything that was read at once has been handed on. */
  void flushUpstream() {
    if (stream != null) {
      stream.flush();
    }
  }

  @Override
  public void onWritabilityChanged() {
    if (clientPaused && stream != null && stream.isWritable()) {
      clientPaused = false;
      client.pauseBody(false);
      flushUpstream();
    }
  }

  // ---- the answer

  @Override
  public void onInformational(HeadBuffer informational) {
    if (informational.status() != 100) {
      HopByHop.strip(informational, false);
      client.informational(informational);
    }
  }

  @Override
  public void onHead(HeadBuffer answer, BodyForm answerForm) {
    if (upstream != null) {
      upstream.endpoint().answered(answer.status());
    }
    if (retriesOn(answer)) {
      return;
    }
    responseStarted = true;
    dropReplay();
    long now = System.nanoTime();
    if (webSocket && answerForm != BodyForm.TUNNEL && stream != null) {
      stream.end(null);
    }
    if (answerForm == BodyForm.TUNNEL) {
      deadline.clear();
    }
    record.response(answer.status(), headers(answer), now);
    if (stream != null) {
      record.upstreamLocalAddress(stream.localAddress());
    }
    ResponseHead.prepare(answer, answerForm, session, (now - startNanos) / 1_000_000);
    answerEdits.applyTo(answer);
    if (grpc) {
      GrpcRequests.status(answer, record);
    }
    client.head(answer, answerForm);
  }

  @Override
  public void onData(ByteBuf piece) {
    if (over || !responseStarted) {
      piece.release();
      return;
    }
    record.sent(piece.readableBytes());
    client.data(piece);
    if (!client.isWritable() && !upstreamPaused && stream != null) {
      upstreamPaused = true;
      stream.pauseResponse(true);
    }
  }

  /** The client takes more again. */
  void clientWritable() {
    if (upstreamPaused && stream != null && client.isWritable()) {
      upstreamPaused = false;
      stream.pauseResponse(false);
    }
  }

  @Override
  public void onEnd(@Nullable HeadBuffer trailers) {
    if (!responseStarted) {
      return; // this answer is being replaced by another try
    }
    if (upstreamPaused && stream != null) {
      stream.pauseResponse(false); // the connection goes back to its pool
    }
    stream = null;
    if (grpc && trailers != null) {
      GrpcRequests.status(trailers, record);
    }
    complete();
    client.end(trailers);
  }

  @Override
  public void onReadComplete() {
    client.flush();
  }

  @Override
  public void onFailure(UpstreamFailure failure) {
    stream = null;
    if (upstream != null && !failure.stale() && failure.kind() != UpstreamFailure.Kind.OVERFLOW) {
      upstream.endpoint().failed();
    }
    attemptOver();
    if (over || (!responseStarted && retries(failure))) {
      return;
    }
    record.flag(ResponseFlag.valueOf(failure.kind().flag()));
    record.transportFailure(failure.detail());
    LOG.info("{}: {}", failure.kind(), failure.detail());
    if (responseStarted) {
      complete();
      client.abort();
    } else {
      if (tries > 1) {
        record.flag(ResponseFlag.URX);
      }
      reply(LocalReply.of(failure));
      client.flush();
    }
  }

  // ---- once more

  private boolean retries(UpstreamFailure failure) {
    Upstream last = upstream;
    if (last == null || !isReplayable()) {
      return false;
    }
    boolean wasGone = failure.stale() && form == BodyForm.NONE && GrpcRequests.isSafe(head);
    RetryPolicy policy = last.target().retry().orElse(null);
    boolean allowed =
        policy != null && tries <= policy.retries() && RetryRules.onFailure(policy, failure);
    if (!(wasGone && tries < 3) && !allowed) {
      return false;
    }
    Upstream next = last.again();
    if (next == null) {
      return false;
    }
    sendAgain(next, wasGone ? 0 : BACK_OFF_MILLIS);
    return true;
  }

  private boolean retriesOn(HeadBuffer answer) {
    Upstream last = upstream;
    RetryPolicy policy = last == null ? null : last.target().retry().orElse(null);
    if (last == null
        || policy == null
        || tries > policy.retries()
        || !isReplayable()
        || !RetryRules.onResponse(policy, answer)) {
      return false;
    }
    Upstream next = last.again();
    if (next == null) {
      return false; // nowhere else to go: this answer is the answer
    }
    if (stream != null) {
      stream.cancel();
      stream = null;
    }
    attemptOver();
    sendAgain(next, BACK_OFF_MILLIS);
    return true;
  }

  private boolean isReplayable() {
    return form == BodyForm.NONE || (replay != null && replay.isComplete());
  }

  private void sendAgain(Upstream next, long backOffMillis) {
    if (!requestEnded && !clientPaused) {
      clientPaused = true;
      client.pauseBody(true); // goes on when the next connection takes more
    }
    unwatched(client.loop().schedule(() -> resend(next), backOffMillis, TimeUnit.MILLISECONDS));
  }

  private void resend(Upstream next) {
    if (over) {
      return;
    }
    if (!isReplayable()) {
      // more of the body came meanwhile than is kept: a request without its beginning is another
      // one
      record.flag(ResponseFlag.URX);
      reply(LocalReply.of(UpstreamFailure.early(UpstreamFailure.Kind.CLOSED, "no second try")));
      client.flush();
      return;
    }
    boolean http2 = next.cluster().speaksHttp2(client.isHttp2());
    attempt(next, http2);
    UpstreamStream to = stream;
    if (to == null) {
      return;
    }
    if (replay != null) {
      replay.sendTo(to);
    }
    if (requestEnded && !webSocket) {
      to.end(requestTrailers);
    }
    to.flush();
    onWritabilityChanged(); // a connection that was there already tells nobody that it takes more
  }

  // ---- the end, one way or another

  /** No answer came in time. */
  void timedOut() {
    if (over) {
      return;
    }
    UpstreamFailure late =
        UpstreamFailure.early(UpstreamFailure.Kind.TIMEOUT, "no complete answer in time");
    record.flag(ResponseFlag.UT);
    breakOff(LocalReply.of(late));
  }

  /** Nothing of the request or its answer has moved for too long. */
  void idleForTooLong() {
    if (over) {
      return;
    }
    record.flag(ResponseFlag.SI);
    breakOff(requestEnded ? LocalReply.IDLE_ANSWER : LocalReply.IDLE_REQUEST);
  }

  /** Ends what is under way from here: with that answer, unless another one has begun. */
  private void breakOff(LocalReply reply) {
    cancelUpstream();
    if (responseStarted) {
      complete();
      client.abort();
    } else {
      reply(reply);
      client.flush();
    }
  }

  /** The client is gone. */
  void clientGone() {
    if (!over) {
      cancelUpstream();
      record.flag(ResponseFlag.DC);
      record.details("downstream_remote_disconnect");
      complete();
    }
  }

  /** This proxy made a mistake; the connection is about to be closed. */
  void broken() {
    if (!over) {
      cancelUpstream();
      record.flag(ResponseFlag.LR);
      record.details("internal_error");
      complete();
    }
  }

  /** The client's message broke the protocol after its head. */
  void clientBroke(HttpViolation violation) {
    if (!over) {
      cancelUpstream();
      if (responseStarted) {
        record.flag(ResponseFlag.DPE);
        complete();
        client.abort();
      } else {
        reply(LocalReply.of(violation));
      }
    }
  }

  private void cancelUpstream() {
    UpstreamStream to = stream;
    stream = null;
    if (to != null) {
      to.cancel();
    }
    if (question != null) {
      question.cancel();
    }
  }

  /** Answers a well-formed request from here, before it has an upstream. */
  private void replyUnrouted(LocalReply reply) {
    EdgeRecord.unrouted(record, session, head, grpc);
    reply(reply);
  }

  /** Answers from here. */
  private void reply(LocalReply reply) {
    boolean isHead = head.isMethod("HEAD");
    HeadBuffer answer = reply.head(grpc, requestId(reply));
    reply.flag().ifPresent(record::flag);
    record.details(reply.details());
    record.response(grpc ? 200 : reply.status(), headers(answer), System.nanoTime());
    if (grpc) {
      record.grpcStatus(reply.grpcStatus());
    }
    ByteBuf body = reply.bodyBytes(grpc || isHead);
    record.sent(body.readableBytes());
    ResponseHead.prepareLocal(answer, session);
    responseStarted = true;
    complete();
    client.head(answer, body.isReadable() ? BodyForm.SIZED : BodyForm.NONE);
    if (body.isReadable()) {
      client.data(body);
    }
    client.end(null);
  }

  /** Denials tell the id under which {@code selvage why} knows them. */
  private Optional<String> requestId(LocalReply reply) {
    if (reply.status() != 401 && reply.status() != 403) {
      return Optional.empty();
    }
    ByteSlice id = head.header("x-request-id", 0);
    return Optional.ofNullable(id).map(ByteSlice::toString);
  }

  private void complete() {
    if (!over) {
      over = true;
      deadline.clear();
      attemptOver();
      dropReplay();
      if (question != null) {
        question.release();
      }
      record.complete(System.nanoTime());
    }
  }

  private void attemptOver() {
    Upstream last = upstream;
    if (attemptOpen && last != null) {
      attemptOpen = false;
      last.cluster().requests().decrementAndGet();
      last.endpoint().active().decrementAndGet();
    }
  }

  private void dropReplay() {
    if (replay != null) {
      replay.drop();
    }
  }

  private static Headers headers(HeadBuffer head) {
    return name -> head.header(name, 0);
  }
}
