package io.selvage.prove.encode;

import io.selvage.policy.StringMatch;
import io.selvage.prove.atom.FieldTest;
import java.util.ArrayList;
import java.util.List;

/**
 * Whose tokens a port takes.
 *
 * @param audiences of which a token must have one; none: any
 */
public record Issuer(String name, List<String> audiences) {
  private static final Field TOKEN = new Field.Issuer();
  private static final Field AUDIENCE = new Field.Claim(List.of("aud"));

  public Issuer {
    audiences = List.copyOf(audiences);
  }

  /** That a request has no token, or one that one of the issuers' rules takes. */
  static Formula accepted(List<Issuer> issuers) {
    if (issuers.isEmpty()) {
      return Formula.Constant.TRUE;
    }
    List<Formula> any = new ArrayList<>();
    any.add(Formula.not(new Formula.Present(TOKEN)));
    for (Issuer issuer : issuers) {
      Formula name = new Formula.Test(TOKEN, exactly(issuer.name()));
      any.add(
          issuer.audiences().isEmpty()
              ? name
              : Formula.all(List.of(name, Formula.any(spellings(issuer.audiences())))));
    }
    return Formula.any(any);
  }

  /** Audiences are compared without scheme and last slash, as Envoy does. */
  private static List<Formula> spellings(List<String> audiences) {
    List<Formula> all = new ArrayList<>();
    for (String audience : audiences) {
      for (String scheme : List.of("", "https://", "http://")) {
        for (String end : List.of("", "/")) {
          all.add(new Formula.Test(AUDIENCE, exactly(scheme + bare(audience) + end)));
        }
      }
    }
    return all;
  }

  private static FieldTest exactly(String text) {
    return new FieldTest.Text(new StringMatch.Exact(text, false));
  }

  /** Whether a token with one of {@code audiences} is taken. */
  public boolean wants(List<String> ofToken) {
    return audiences.isEmpty()
        || ofToken.stream()
            .anyMatch(
                each -> audiences.stream().anyMatch(wanted -> bare(wanted).equals(bare(each))));
  }

  private static String bare(String audience) {
    String bare = audience;
    if (bare.startsWith("https://")) {
      bare = bare.substring("https://".length());
    } else if (bare.startsWith("http://")) {
      bare = bare.substring("http://".length());
    }
    return bare.endsWith("/") ? bare.substring(0, bare.length() - 1) : bare;
  }
}
