package io.selvage.control.kubernetes.migrate;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.remote.RemoteClusters;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.Fingerprint;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Takes the CA that Istio and Selvage share from one root to the next, in the Secret {@code
 * cacerts}, from which both sign. Each step is one write, can be repeated, and is refused while it
 * would cut somebody off ({@link Guards}):
 *
 * <ol>
 *   <li>{@link #start}: both roots are trusted, the old one signs;
 *   <li>{@link #switchSigning}: the new one signs, both are trusted; {@link #back} undoes it;
 *   <li>{@link #finish}: the old one is not trusted any more.
 * </ol>
 *
 * <p>Both CAs are kept in the Secret {@code selvage-root-change} until the end, so that a step can
 * be gone back and a change that was interrupted goes on.
 */
public final class RootChange {
  static final String PLAN = "selvage-root-change";
  static final String OLD = "old.";
  static final String NEW = "new.";

  /** The annotation by which control planes learn that the new root may sign at once. */
  private static final String HELD = "selvage.io/root-held";

  private static final Duration LIFE = Duration.ofDays(3650);

  private final KubernetesClient client;
  private final String namespace;
  private final Surveyor surveyor;
  private final InstantSource clock;
  private final SecureRandom random;

  /**
   * What a step did, or would do.
   *
   * @param lines what, in words
   * @param changed false: it had been done before
   * @param next what is to be done now
   */
  public record Done(List<String> lines, boolean changed, List<String> next) {
    public Done {
      lines = List.copyOf(lines);
      next = List.copyOf(next);
    }

    static Done before(String line, List<String> next) {
      return new Done(List.of(line), false, next);
    }
  }

  /**
   * @param namespace of the control planes
   */
  public RootChange(
      KubernetesClient client, String namespace, InstantSource clock, SecureRandom random) {
    this.client = client;
    this.namespace = namespace;
    this.surveyor = new Surveyor(client, namespace, clock);
    this.clock = clock;
    this.random = random;
  }

  static Optional<Secret> plan(KubernetesClient client, String namespace) {
    return CaSecret.get(client, namespace, PLAN);
  }

  static String fingerprint(Secret plan, String prefix) throws MigrationRefused {
    return fingerprint(of(plan, prefix));
  }

  private static String fingerprint(CaSecret ca) {
    return Fingerprint.sha256Hex(ca.signing().root());
  }

  private static CaSecret of(Secret plan, String prefix) throws MigrationRefused {
    return CaSecret.of("the Secret " + PLAN + " (" + prefix + "…)", CaSecret.texts(plan, prefix));
  }

  /**
   * Copies the CA that Istio made for itself ({@code istio-ca-secret}) into {@code cacerts}, where
   * a root can be changed. The same CA signs on.
   */
  public Done importCa(boolean dryRun) throws MigrationRefused {
    if (CaSecret.get(client, namespace, CaSecret.PLUGGED_IN).isPresent()) {
      return Done.before("the CA is in the Secret cacerts already", List.of());
    }
    Optional<Secret> own = CaSecret.get(client, namespace, CaSecret.SELF_SIGNED);
    if (own.isEmpty()) {
      throw new MigrationRefused(
          MigrationRefused.NOT_SUCH,
          "there is neither cacerts nor istio-ca-secret in the namespace %s; whose CA is it?"
              .formatted(namespace));
    }
    CaSecret ca = CaSecret.of(own.get());
    if (!dryRun) {
      client
          .secrets()
          .inNamespace(namespace)
          .resource(secret(CaSecret.PLUGGED_IN, ca.encoded("", ca.roots())))
          .create();
    }
    return new Done(
        List.of("copies the CA of istio-ca-secret (root %s) into cacerts".formatted(shown(ca))),
        true,
        istiodAnew());
  }

  /**
   * Makes a new root trusted beside the old one.
   *
   * @param brought the new CA in the files of {@code cacerts}, by name; empty: one is made
   */
  public Done start(Optional<Map<String, String>> brought, boolean dryRun) throws MigrationRefused {
    return start(
        () -> brought.isPresent() ? CaSecret.of("the files of the new CA", brought.get()) : made(),
        dryRun);
  }

  /**
   * Refuses unless its CA is below that root, or is on its way from it.
   *
   * @param root its fingerprint
   */
  boolean shares(String root) throws MigrationRefused {
    if (!from().equals(root)) {
      throw new MigrationRefused(
          MigrationRefused.NOT_SUCH, "its CA has another root than that of the first cluster");
    }
    return true;
  }

  /**
   * Has a cluster that shares its root with another follow that one to its new root: it gets an
   * intermediate of the new CA.
   *
   * @param above the new CA of the other cluster
   */
  Done startBelow(CaSecret above) throws MigrationRefused {
    Optional<Secret> plan = plan(client, namespace);
    if (plan.isPresent() && !fingerprint(plan.get(), NEW).equals(fingerprint(above))) {
      throw new MigrationRefused(
          MigrationRefused.NOT_SUCH,
          "a change to another root, %s, is under way in it".formatted(shown(of(plan.get(), NEW))));
    }
    return start(() -> below(above), false);
  }

  /** Where a new CA comes from. */
  private interface Next {
    CaSecret get() throws MigrationRefused;
  }

  private Done start(Next fresh, boolean dryRun) throws MigrationRefused {
    Secret secret = pluggedIn();
    CaSecret old = CaSecret.of(secret);
    Optional<Secret> plan = plan(client, namespace);
    CaSecret next = plan.isPresent() ? of(plan.get(), NEW) : fresh.get();
    if (plan.isEmpty() && fingerprint(next).equals(fingerprint(old))) {
      throw new MigrationRefused(
          MigrationRefused.NOT_SUCH, "the new CA has the root that signs already, " + shown(old));
    }
    TrustBundle both = old.roots().with(next.signing().root());
    if (plan.isPresent() && both.equals(old.roots())) {
      return Done.before("root %s is trusted already".formatted(shown(next)), restarts());
    }
    if (!dryRun) {
      if (plan.isEmpty()) {
        Map<String, String> data = new HashMap<>(old.encoded(OLD, old.roots()));
        data.putAll(next.encoded(NEW, next.roots()));
        client.secrets().inNamespace(namespace).resource(secret(PLAN, data)).create();
      }
      write(secret, old.encoded("", both), Optional.empty());
    }
    return new Done(
        List.of("trusts root %s beside %s, which signs on".formatted(shown(next), shown(old))),
        true,
        restarts());
  }

  /** The new CA of a change that is under way. */
  CaSecret next() throws MigrationRefused {
    return of(begun(), NEW);
  }

  /** The root that a change began with, or that signs if none is under way: its fingerprint. */
  String from() throws MigrationRefused {
    Optional<Secret> plan = plan(client, namespace);
    return plan.isPresent() ? fingerprint(plan.get(), OLD) : fingerprint(CaSecret.of(pluggedIn()));
  }

  /** The ids of the clusters that this one reads, as their Secrets name them. */
  Set<String> neighbours() {
    return RemoteClusters.secrets(client, namespace).stream()
        .flatMap(secret -> Optional.ofNullable(secret.getData()).orElse(Map.of()).keySet().stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Lets the new root sign. */
  public Done switchSigning(boolean dryRun) throws MigrationRefused {
    return sign(NEW, OLD, dryRun);
  }

  /** Lets the old root sign again. */
  public Done back(boolean dryRun) throws MigrationRefused {
    return sign(OLD, NEW, dryRun);
  }

  private Done sign(String with, String without, boolean dryRun) throws MigrationRefused {
    Secret secret = pluggedIn();
    CaSecret now = CaSecret.of(secret);
    Secret plan = begun();
    CaSecret next = of(plan, with);
    if (fingerprint(now).equals(fingerprint(next))) {
      return Done.before("root %s signs already".formatted(shown(next)), restarts());
    }
    new Guards(surveyor.look()).held(fingerprint(next));
    TrustBundle both =
        now.roots().with(next.signing().root()).with(of(plan, without).signing().root());
    if (!dryRun) {
      write(secret, next.encoded("", both), Optional.of(fingerprint(next)));
    }
    return new Done(
        List.of(
            "root %s signs; %s is still trusted".formatted(shown(next), shown(of(plan, without)))),
        true,
        restarts());
  }

  /** Ends the trust in the root that does not sign: the old one, or after {@link #back} the new. */
  public Done finish(boolean dryRun) throws MigrationRefused {
    Optional<Secret> plan = plan(client, namespace);
    Secret secret = pluggedIn();
    CaSecret now = CaSecret.of(secret);
    if (plan.isEmpty()) {
      return Done.before(
          "no root change is under way; root %s signs".formatted(shown(now)), List.of());
    }
    CaSecret old = of(plan.get(), OLD);
    CaSecret next = of(plan.get(), NEW);
    boolean undone = fingerprint(now).equals(fingerprint(old));
    CaSecret leaving = undone ? next : old;
    new Guards(surveyor.look()).nobodyIsOn(fingerprint(leaving), fingerprint(now));
    if (!dryRun) {
      write(
          secret,
          now.encoded("", now.roots().without(fingerprint(leaving))),
          Optional.of(fingerprint(now)));
      client.secrets().inNamespace(namespace).withName(PLAN).delete();
    }
    return new Done(
        List.of("root %s is not trusted any more; %s signs".formatted(shown(leaving), shown(now))),
        true,
        istiodAnew());
  }

  private Secret pluggedIn() throws MigrationRefused {
    return CaSecret.get(client, namespace, CaSecret.PLUGGED_IN)
        .orElseThrow(
            () ->
                new MigrationRefused(
                    MigrationRefused.NOT_SUCH,
                    "a root is changed in the Secret cacerts, which is not there; run `selvage migrate"
                        + " root import`"));
  }

  private Secret begun() throws MigrationRefused {
    return plan(client, namespace)
        .orElseThrow(
            () ->
                new MigrationRefused(
                    MigrationRefused.NOT_SUCH,
                    "no root change is under way; run `selvage migrate root start`"));
  }

  private CaSecret made() throws MigrationRefused {
    return signing(
        profile ->
            CaCredentials.selfSigned(profile, KeyAlgorithm.DEFAULT, LIFE, clock.instant(), random));
  }

  private CaSecret below(CaSecret above) throws MigrationRefused {
    return signing(
        profile ->
            above
                .signing()
                .intermediate(profile, KeyAlgorithm.DEFAULT, LIFE, clock.instant(), random));
  }

  /** Makes a CA for a trust domain. */
  private interface Maker {
    CaCredentials of(CaProfile profile) throws PkiException;
  }

  private CaSecret signing(Maker maker) throws MigrationRefused {
    try {
      String domain = MeshSettings.of(MeshSettings.map(client, namespace)).trustDomain();
      CaCredentials made = maker.of(new CaProfile.Istiod(domain));
      return new CaSecret(made, TrustBundle.of(made.root()));
    } catch (PkiException e) {
      throw new MigrationRefused(
          MigrationRefused.NOT_SUCH, "%s %s".formatted(e.code(), e.getMessage()), e);
    }
  }

  /** Carries the version that was read, so that what somebody else wrote is never overwritten. */
  private void write(Secret was, Map<String, String> data, Optional<String> held) {
    Map<String, String> whole = new HashMap<>(was.getData());
    whole.putAll(data);
    Map<String, String> annotations =
        new HashMap<>(Optional.ofNullable(was.getMetadata().getAnnotations()).orElse(Map.of()));
    annotations.remove(HELD);
    held.ifPresent(root -> annotations.put(HELD, root));
    client
        .secrets()
        .inNamespace(namespace)
        .resource(
            new SecretBuilder(was)
                .editMetadata()
                .withAnnotations(annotations)
                .endMetadata()
                .withData(whole)
                .build())
        .update();
  }

  private Secret secret(String name, Map<String, String> data) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(namespace)
        .endMetadata()
        .withType("Opaque")
        .withData(data)
        .build();
  }

  private List<String> restarts() {
    List<String> all = new ArrayList<>(istiodAnew());
    all.add("kubectl -n NAMESPACE rollout restart deployment");
    all.add("selvage migrate status");
    return all;
  }

  private List<String> istiodAnew() {
    boolean runs =
        !client
            .pods()
            .inNamespace(namespace)
            .withLabel("app", "istiod")
            .list()
            .getItems()
            .isEmpty();
    return runs
        ? List.of("kubectl -n %s rollout restart deployment istiod".formatted(namespace))
        : List.of();
  }

  private static String shown(CaSecret ca) {
    return fingerprint(ca).substring(0, 12);
  }
}
