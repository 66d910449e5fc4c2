package io.selvage.control.kubernetes.trust;

import io.selvage.control.kubernetes.event.ClusterEvents;
import java.util.function.BooleanSupplier;

/** Events about the CA, on its Secret: it was made, and each step of a root rotation. */
public final class AuthorityEvents {
  private AuthorityEvents() {}

  /**
   * Begins to tell.
   *
   * @param leads of several replicas, the one that leads tells
   */
  public static void tell(ClusterAuthority authority, ClusterEvents events, BooleanSupplier leads) {
    if (authority.isNew()) {
      events.normal(
          authority.secret(),
          "CertificateAuthorityCreated",
          "Create",
          "a new CA: " + authority.authority().rotation());
    }
    authority
        .authority()
        .onChange(
            _ -> {
              if (leads.getAsBoolean()) {
                events.normal(
                    authority.secret(),
                    "CertificateAuthorityChanged",
                    "Update",
                    "the CA is now: " + authority.authority().rotation());
              }
            });
  }
}
