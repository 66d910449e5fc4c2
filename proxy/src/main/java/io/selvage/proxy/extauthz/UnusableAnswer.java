package io.selvage.proxy.extauthz;

/** An authorizer's answer that can't be carried out; the request is denied, whatever it said. */
final class UnusableAnswer extends Exception {
  private static final long serialVersionUID = 1;

  UnusableAnswer(String message) {
    super(message);
  }
}
