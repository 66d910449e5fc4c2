package io.selvage.policy;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The mesh's trust domain and its aliases, which name the same workloads: a principal of one is
 * allowed or denied as one of each other.
 *
 * @param all the trust domain, then its aliases
 */
record TrustDomains(List<String> all) {
  private static final String LOCAL = "cluster.local";
  private static final int SEGMENTS_OF_AN_IDENTITY = 5;

  TrustDomains {
    all = List.copyOf(all);
  }

  /**
   * Principals as written in a policy ({@code td/ns/N/sa/S}), with those of the other domains
   * added. What isn't of that form, leaves the domain open ({@code *}), or names a foreign one
   * stays as it is; {@code cluster.local} is always the mesh's own.
   */
  List<String> expandPrincipals(List<String> principals) {
    List<String> expanded = new ArrayList<>();
    for (String principal : principals) {
      String[] segments = principal.split("/", -1);
      String domain = segments[0];
      boolean own = domain.equals(LOCAL) || all.stream().anyMatch(each -> overlap(domain, each));
      if (segments.length != SEGMENTS_OF_AN_IDENTITY || domain.equals("*") || !own) {
        expanded.add(principal);
        continue;
      }
      Set<String> renamed = new LinkedHashSet<>();
      String rest = principal.substring(domain.length());
      for (String each : all) {
        renamed.add(endsAs(each, domain) ? principal : each + rest);
      }
      expanded.addAll(renamed);
    }
    return expanded;
  }

  /** Values of {@code trustDomains}: one of the mesh's stands for all of them. */
  List<String> expandDomains(List<String> domains) {
    Set<String> expanded = new LinkedHashSet<>();
    for (String domain : domains) {
      if (all.contains(domain)) {
        expanded.addAll(all);
      } else {
        expanded.add(domain);
      }
    }
    return List.copyOf(expanded);
  }

  private static boolean overlap(String a, String b) {
    return a.equals(b)
        || b.equals("*")
        || startsAs(a, b)
        || startsAs(b, a)
        || endsAs(a, b)
        || endsAs(b, a);
  }

  private static boolean startsAs(String text, String pattern) {
    return pattern.endsWith("*") && text.startsWith(pattern.substring(0, pattern.length() - 1));
  }

  private static boolean endsAs(String text, String pattern) {
    return pattern.startsWith("*") && text.endsWith(pattern.substring(1));
  }
}
