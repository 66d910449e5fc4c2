package io.selvage.cli.prove.report;

import io.selvage.prove.LintFinding.Kind;

/** The stable code of each kind of finding about a rule. */
final class LintCode {
  private LintCode() {}

  static String of(Kind kind) {
    return switch (kind) {
      case IMPOSSIBLE -> "SLV9401";
      case DENIED -> "SLV9402";
      case DEAD -> "SLV9403";
      case REDUNDANT -> "SLV9404";
      case PLAINTEXT_ADMITTED -> "SLV9405";
      case TOKEN_WITHOUT_ISSUER -> "SLV9406";
    };
  }

  /** In a word or two, for headings. */
  static String title(Kind kind) {
    return switch (kind) {
      case IMPOSSIBLE -> "no request can match this rule";
      case DENIED -> "other policies deny all that this rule allows";
      case DEAD -> "this policy selects no workload";
      case REDUNDANT -> "other rules match all that this rule matches";
      case PLAINTEXT_ADMITTED -> "this rule lets callers without an identity in";
      case TOKEN_WITHOUT_ISSUER -> "this rule looks at tokens that nothing accepts";
    };
  }
}
