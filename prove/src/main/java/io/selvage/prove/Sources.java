package io.selvage.prove;

import io.selvage.policy.StringMatch;
import io.selvage.prove.atom.FieldTest;
import io.selvage.prove.encode.Field;
import io.selvage.prove.encode.Formula;

/** Callers as statements. */
final class Sources {
  private static final Field PEER = new Field.Peer();

  private Sources() {}

  static Formula are(SourceSelection from) {
    return switch (from) {
      case SourceSelection.Anybody _ -> Formula.Constant.TRUE;
      case SourceSelection.Principal(String uri) ->
          new Formula.Test(PEER, new FieldTest.Text(new StringMatch.Exact(uri, false)));
      case SourceSelection.Plaintext _ -> plaintext();
    };
  }

  static Formula plaintext() {
    return Formula.not(new Formula.Present(PEER));
  }
}
