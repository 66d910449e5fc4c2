package io.selvage.proxy.extauthz;

/** How a question is put into bytes, and an answer understood. Neither does any I/O. */
sealed interface CheckProtocol permits GrpcCheck, HttpCheck {
  /**
   * The call that asks.
   *
   * @throws IllegalArgumentException if this can't be asked
   */
  CheckCall call(CheckInput input);

  /** What was answered. */
  CheckOutcome read(CheckAnswer answer) throws UnusableAnswer;
}
