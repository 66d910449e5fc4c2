package io.selvage.pki;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.util.Map;

/** The two named curves that a mesh accepts, compared by their parameters. */
final class Curves {
  private static final Map<String, ECParameterSpec> BY_NAME =
      Map.of("secp256r1", parameters("secp256r1"), "secp384r1", parameters("secp384r1"));

  private Curves() {}

  static boolean isOn(ECPublicKey key, String name) {
    ECParameterSpec wanted = BY_NAME.getOrDefault(name, key.getParams());
    ECParameterSpec given = key.getParams();
    return wanted.getOrder().equals(given.getOrder())
        && wanted.getCurve().equals(given.getCurve())
        && wanted.getGenerator().equals(given.getGenerator())
        && wanted.getCofactor() == given.getCofactor();
  }

  private static ECParameterSpec parameters(String name) {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec(name));
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK does not know the curve " + name, e);
    }
  }
}
