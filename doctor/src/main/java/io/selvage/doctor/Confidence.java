package io.selvage.doctor;

/** What a result rests on, the strongest first. */
public enum Confidence {
  PROVED_BY_TRAFFIC,
  PROVED_BY_CONFIGURATION,
  INFERRED_FROM_LOGS
}
