package io.selvage.doctor;

/** Who may mend what a check finds, and how. */
public enum FixClass {
  /** Nobody by a command: it is explained. */
  EXPLAINED,
  /** Safe and reversible: {@code --fix} does it. */
  SAFE,
  /** Alters traffic or security: {@code --fix=CODE} and a yes. Never loosens security. */
  CONSENTED,
  /** Out of our reach: the exact command is printed. */
  PRINTED
}
