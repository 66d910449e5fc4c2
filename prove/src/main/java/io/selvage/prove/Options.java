package io.selvage.prove;

/**
 * What a question takes for granted.
 *
 * @param unknownIdentities whether callers are more than those of the inventory: any identity that
 *     a trusted CA could sign. Without, callers are the inventory's and plaintext
 * @param ipIdentity whether addresses of the inventory tell who calls
 * @param identities which form unknown identities have
 * @param promoteDryRun whether policies with {@code istio.io/dry-run} are enforced
 * @param budget when to give up
 * @param threads how many workloads are analysed at once
 * @param rows how many rows of one change, or of one reach, are worded at most
 */
public record Options(
    boolean unknownIdentities,
    IpIdentity ipIdentity,
    IdentityForm identities,
    boolean promoteDryRun,
    Budget budget,
    int threads,
    int rows) {
  /** The open world, with two threads. */
  public static final Options DEFAULT =
      new Options(true, IpIdentity.FREE, IdentityForm.ISTIO, false, Budget.DEFAULT, 2, 12);

  /** Whether a source address tells who calls. */
  public enum IpIdentity {
    /** Any caller may come from any address: safe for proofs, and finds what can't happen. */
    FREE,
    /**
     * A known workload calls from its known addresses alone, and nobody else does. One whose
     * addresses aren't known may call from any address that is nobody's.
     */
    INVENTORY
  }

  /** Which identities a caller that nobody knows may have. */
  public enum IdentityForm {
    /** {@code spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT}: what mesh CAs issue. */
    ISTIO,
    /** Every SPIFFE ID with a path, of whatever form. */
    SPIFFE
  }

  public Options withPromotedDryRun(boolean promoted) {
    return new Options(unknownIdentities, ipIdentity, identities, promoted, budget, threads, rows);
  }

  public Options withUnknownIdentities(boolean unknown) {
    return new Options(unknown, ipIdentity, identities, promoteDryRun, budget, threads, rows);
  }

  public Options withIpIdentity(IpIdentity given) {
    return new Options(unknownIdentities, given, identities, promoteDryRun, budget, threads, rows);
  }

  public Options withIdentities(IdentityForm form) {
    return new Options(unknownIdentities, ipIdentity, form, promoteDryRun, budget, threads, rows);
  }

  public Options withBudget(Budget given) {
    return new Options(
        unknownIdentities, ipIdentity, identities, promoteDryRun, given, threads, rows);
  }

  public Options withRows(int most) {
    return new Options(
        unknownIdentities, ipIdentity, identities, promoteDryRun, budget, threads, most);
  }
}
