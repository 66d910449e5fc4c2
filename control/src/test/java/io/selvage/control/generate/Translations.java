package io.selvage.control.generate;

/** Policy translations for tests. */
final class Translations {
  /** The real one. */
  static final PolicyTranslation ISTIO = new IstioPolicies();

  private Translations() {}
}
