package io.selvage.control.kubernetes.remote;

/** Whose control planes read a cluster. */
public enum Reader {
  /** Ours. */
  SELVAGE("selvage-reader"),
  /** An istiod, which also wants to read all Secrets, WorkloadEntries and resource definitions. */
  ISTIOD("selvage-istiod-reader");

  private final String account;

  Reader(String account) {
    this.account = account;
  }

  /** Name of the ServiceAccount, the roles and their bindings. */
  String account() {
    return account;
  }
}
