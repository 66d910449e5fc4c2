package io.selvage.pki;

import java.util.ArrayList;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;

/** Distinguished names from attributes, escaped by the JDK. */
final class X500Names {
  private X500Names() {}

  /** A name of attribute and value pairs, the most significant first. */
  static X500Principal of(String... attributesAndValues) {
    try {
      List<Rdn> parts = new ArrayList<>();
      for (int i = 0; i < attributesAndValues.length; i += 2) {
        parts.add(new Rdn(attributesAndValues[i], attributesAndValues[i + 1]));
      }
      return new X500Principal(new LdapName(parts).toString());
    } catch (InvalidNameException e) {
      throw new IllegalArgumentException("not a distinguished name", e);
    }
  }
}
