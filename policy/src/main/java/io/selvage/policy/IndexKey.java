package io.selvage.policy;

/**
 * What an attribute must be like for a matcher to hold: a rule is found under each of its keys.
 * Text is that of {@link StringTest#bytes}, one char a byte.
 */
sealed interface IndexKey {
  /** Equal, whatever the case when {@code fold}. */
  record Whole(String text, boolean fold) implements IndexKey {}

  /** A raw prefix. */
  record Start(String text, boolean fold) implements IndexKey {}

  /** A raw suffix. */
  record End(String text, boolean fold) implements IndexKey {}

  /** A principal with {@code /ns/TEXT/} in it. */
  record Namespace(String text) implements IndexKey {}

  /** A principal with that and, behind it, a segment pair {@code sa/ACCOUNT}. */
  record Account(String namespace, String account) implements IndexKey {}

  /** An address of this block. */
  record Block(Cidr block) implements IndexKey {}

  /** A port. */
  record PortNumber(int number) implements IndexKey {}
}
