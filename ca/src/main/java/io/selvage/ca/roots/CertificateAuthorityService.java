package io.selvage.ca.roots;

import io.selvage.ca.SigningState;
import io.selvage.ca.auth.JoinTokens;
import io.selvage.ca.roots.RootRotation.Distributing;
import io.selvage.ca.roots.RootRotation.Retiring;
import io.selvage.ca.roots.RootRotation.Steady;
import io.selvage.ca.roots.RootRotation.StepRefused;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.CertificateAuthority.Limits;
import io.selvage.pki.Fingerprint;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authority's state as a whole: what signs, what is trusted, and the steps of a root rotation.
 * Every change is in the store before anybody sees it.
 */
public final class CertificateAuthorityService {
  private static final Logger log = LoggerFactory.getLogger(CertificateAuthorityService.class);

  private final Settings settings;
  private final CaStore store;

  /** The roots that the user's files name beside what is stored. */
  private TrustBundle configured;

  /** The trust domains of client certificates that are taken. */
  private Set<String> accepted;

  private final InstantSource clock;
  private final SecureRandom random;
  private final List<Consumer<SigningState>> listeners = new CopyOnWriteArrayList<>();
  private CaState state;
  private volatile SigningState signing;

  /**
   * What an authority is told when it is set up.
   *
   * @param profile how it names itself and its leaves
   * @param trustDomain of the identities that it gives
   * @param acceptedTrustDomains of client certificates: the own one and its aliases
   * @param algorithm of a root that it makes
   * @param rootLifetime of a root that it makes
   * @param intermediate whether a root that it makes signs one intermediate, which signs the rest.
   *     The root's key is then kept nowhere; what follows the intermediate is another root
   * @param limits the lifetimes that it grants
   */
  public record Settings(
      CaProfile profile,
      String trustDomain,
      Set<String> acceptedTrustDomains,
      KeyAlgorithm algorithm,
      Duration rootLifetime,
      boolean intermediate,
      Limits limits) {
    public Settings {
      Set<String> all = new LinkedHashSet<>(acceptedTrustDomains);
      all.add(trustDomain);
      acceptedTrustDomains = Set.copyOf(all);
    }

    /** Istio's: ECDSA P-256, ten years, leaves of 24 hours and at most 90 days. */
    public static Settings of(CaProfile profile, String trustDomain) {
      return new Settings(
          profile,
          trustDomain,
          Set.of(),
          KeyAlgorithm.DEFAULT,
          Duration.ofDays(3650),
          false,
          Limits.DEFAULT);
    }

    /** The same with keys of another kind. */
    public Settings withAlgorithm(KeyAlgorithm other) {
      return new Settings(
          profile, trustDomain, acceptedTrustDomains, other, rootLifetime, intermediate, limits);
    }

    /** The same with an intermediate below each root. */
    public Settings withIntermediate() {
      return new Settings(
          profile, trustDomain, acceptedTrustDomains, algorithm, rootLifetime, true, limits);
    }

    private CaCredentials newRoot(Instant now, SecureRandom random) throws PkiException {
      CaCredentials root = CaCredentials.selfSigned(profile, algorithm, rootLifetime, now, random);
      return intermediate ? root.intermediate(profile, algorithm, rootLifetime, now, random) : root;
    }
  }

  private CertificateAuthorityService(
      Settings settings,
      CaStore store,
      TrustBundle configured,
      CaState state,
      InstantSource clock,
      SecureRandom random)
      throws PkiException {
    this.settings = settings;
    this.store = store;
    this.configured = configured;
    this.accepted = settings.acceptedTrustDomains();
    this.clock = clock;
    this.random = random;
    this.state = state;
    this.signing = signingOf(state);
  }

  /** Takes up what the store holds; an empty store gets a new self-signed root. */
  public static CertificateAuthorityService open(
      Settings settings, CaStore store, InstantSource clock, SecureRandom random)
      throws IOException, PkiException {
    Optional<CaState> stored = store.load();
    if (stored.isPresent()) {
      return new CertificateAuthorityService(
          settings, store, TrustBundle.empty(), stored.get(), clock, random);
    }
    CaCredentials root = settings.newRoot(clock.instant(), random);
    return start(settings, store, root, TrustBundle.empty(), clock, random);
  }

  /**
   * Takes up what the store holds; an empty store starts with a CA that the user brings, whose
   * {@code root-cert.pem} is trusted for as long as it is given. Another issuer below the root that
   * signs takes its place at once, since everybody trusts its root; another root is a root
   * rotation, which {@link #beginRotation(CaCredentials)} starts.
   */
  public static CertificateAuthorityService open(
      Settings settings,
      CaStore store,
      PluggedInCa pluggedIn,
      InstantSource clock,
      SecureRandom random)
      throws IOException, PkiException {
    Optional<CaState> stored = store.load();
    if (stored.isEmpty()) {
      return start(settings, store, pluggedIn.credentials(), pluggedIn.roots(), clock, random);
    }
    CertificateAuthorityService service =
        new CertificateAuthorityService(
            settings, store, pluggedIn.roots(), stored.get(), clock, random);
    service.takeUp(pluggedIn.credentials());
    return service;
  }

  private static CertificateAuthorityService start(
      Settings settings,
      CaStore store,
      CaCredentials credentials,
      TrustBundle configured,
      InstantSource clock,
      SecureRandom random)
      throws IOException, PkiException {
    TrialIssuance.check(credentials, settings, clock, random);
    String joinKey = JoinTokens.create(settings.trustDomain(), clock, random).exportKey();
    CaState first = new CaState(1, new Steady(credentials), TrustBundle.empty(), joinKey);
    CertificateAuthorityService service =
        new CertificateAuthorityService(settings, store, configured, first, clock, random);
    store.save(first);
    log.info("a new CA: {}", credentials);
    return service;
  }

  /**
   * Takes up a CA that the user brings in place of the one before: at once below the root that
   * signs; another root is told of, and left to {@link #beginRotation(CaCredentials)}.
   */
  private synchronized void takeUp(CaCredentials brought) throws IOException, PkiException {
    RootRotation rotation = state.rotation();
    if (rotation.signing().issuer().equals(brought.issuer())) {
      return;
    }
    if (rotation instanceof Steady steady && steady.signing().root().equals(brought.root())) {
      TrialIssuance.check(brought, settings, clock, random);
      change(state.next(new Steady(brought)));
      return;
    }
    log.warn(
        "SLV1028 the plug-in CA is {}, but {} signs and goes on; begin a root rotation to it",
        brought,
        rotation.signing());
  }

  /**
   * Follows what the files of a CA that the user brings say by now. Trust follows at once: a root
   * that came into {@code root-cert.pem} is trusted, one that was taken out is not, but for the one
   * that signs. An issuer below another root is trusted at once and signs later.
   *
   * @param held whether somebody who looked at all workloads says that they hold the root of the CA
   *     that is brought; else it signs when the default life of a certificate is over, since all
   *     were renewed by then and came with it
   */
  public synchronized void follow(PluggedInCa brought, boolean held)
      throws IOException, PkiException {
    TrustBundle before = configured;
    RootRotation rotation = following(brought, held);
    if (rotation.equals(state.rotation()) && brought.roots().equals(before)) {
      return;
    }
    configured = brought.roots();
    try {
      change(state.next(rotation));
    } catch (IOException | PkiException e) {
      configured = before;
      throw e;
    }
  }

  private RootRotation following(PluggedInCa brought, boolean held) throws PkiException {
    RootRotation rotation = state.rotation();
    CaCredentials wanted = brought.credentials();
    Instant now = clock.instant();
    if (!rotation.signing().issuer().equals(wanted.issuer())) {
      TrialIssuance.check(wanted, settings, clock, random);
    }
    return switch (rotation) {
      case Steady steady when steady.signing().issuer().equals(wanted.issuer()) -> steady;
      case Steady steady when sameRoot(steady.signing(), wanted) -> new Steady(wanted);
      case Steady steady -> held(new Distributing(steady.signing(), wanted, now), held);
      case Distributing going when going.signing().issuer().equals(wanted.issuer()) ->
          going.abandon();
      case Distributing going when sameRoot(going.signing(), wanted) -> new Steady(wanted);
      case Distributing going when going.next().issuer().equals(wanted.issuer()) ->
          held(going, held);
      case Distributing going -> held(new Distributing(going.signing(), wanted, now), held);
      case Retiring going when going.signing().issuer().equals(wanted.issuer()) ->
          ended(going, brought.roots());
      case Retiring going when sameRoot(going.signing(), wanted) ->
          new Retiring(wanted, going.oldRoot(), going.old(), going.since());
      case Retiring going when going.oldRoot().equals(wanted.root()) ->
          new Retiring(wanted, going.signing().root(), Optional.of(going.signing()), now);
      case Retiring going -> {
        log.warn("SLV1028 the plug-in CA is {}, but {} is not over yet", wanted, going);
        yield going;
      }
    };
  }

  private static boolean sameRoot(CaCredentials one, CaCredentials other) {
    return one.root().equals(other.root());
  }

  private RootRotation held(Distributing going, boolean held) {
    if (!held && !isOver(going.since())) {
      log.warn(
          "SLV1028 the plug-in CA is {}, and signs once its root is held: {}", going.next(), going);
      return going;
    }
    return new Retiring(
        going.next(), going.signing().root(), Optional.of(going.signing()), clock.instant());
  }

  /** The old root goes when it is taken out of the files, or was never in them and has no leaf. */
  private RootRotation ended(Retiring going, TrustBundle roots) {
    boolean takenOut = configured.contains(going.oldRoot()) || isOver(going.since());
    return takenOut && !roots.contains(going.oldRoot()) ? new Steady(going.signing()) : going;
  }

  private boolean isOver(Instant since) {
    return clock.instant().isAfter(since.plus(settings.limits().defaultTtl()));
  }

  /**
   * Takes over what another process has put into the store meanwhile. A store that holds nothing
   * any more, or an earlier state of this same CA because a backup was put back, gets what is held
   * here: what signs must not go back to a root that workloads trust no more.
   */
  public synchronized void reload() throws IOException, PkiException {
    Optional<CaState> stored = store.load();
    if (stored.isEmpty()) {
      log.warn("SLV1031 the CA's state is gone from its store; it is stored again");
      store.save(state);
    } else if (stored.get().generation() > state.generation()) {
      SigningState fresh = signingOf(stored.get());
      state = stored.get();
      signing = fresh;
      log.info("the CA was changed by another process: {}", state);
      listeners.forEach(listener -> listener.accept(fresh));
    } else if (stored.get().isEarlierThan(state)) {
      log.warn(
          "SLV1033 the CA's store was put back to {}; {} is stored again", stored.get(), state);
      store.save(state);
    }
  }

  /** What signs and is trusted now; cheap, for every call. */
  public SigningState signing() {
    return signing;
  }

  /** All roots that the mesh trusts now. */
  public TrustBundle bundle() {
    return signing.bundle();
  }

  /**
   * The roots by which this authority itself is known: without those of other clusters, with one
   * that comes before it signs.
   */
  public synchronized TrustBundle ownBundle() {
    return state.rotation().bundle().withAll(configured.roots());
  }

  public Settings settings() {
    return settings;
  }

  public synchronized RootRotation rotation() {
    return state.rotation();
  }

  public synchronized long generation() {
    return state.generation();
  }

  /** The tokens by which workloads join; the same after a restart. */
  public synchronized JoinTokens joinTokens() {
    return JoinTokens.of(state.joinTokenKey(), settings.trustDomain(), clock);
  }

  /** Tells of each change, after it is stored; not of the present. */
  public void onChange(Consumer<SigningState> listener) {
    listeners.add(listener);
  }

  /** Phase 1: makes a new root and adds it to what is trusted. */
  public TrustBundle beginRotation() throws IOException, PkiException, StepRefused {
    return beginRotation(settings.newRoot(clock.instant(), random));
  }

  /** Phase 1 with a given root: it is trusted from now on, and signs nothing yet. */
  public synchronized TrustBundle beginRotation(CaCredentials next)
      throws IOException, PkiException, StepRefused {
    if (!(state.rotation() instanceof Steady steady)) {
      throw new StepRefused("a rotation is under way: " + state.rotation());
    }
    TrialIssuance.check(next, settings, clock, random);
    change(state.next(steady.begin(next, clock.instant())));
    return bundle();
  }

  /**
   * Phase 3: lets the new root sign.
   *
   * @param lacking the workloads that have not said that they hold the new root (phase 2)
   */
  public synchronized void switchSigning(Set<String> lacking)
      throws IOException, PkiException, StepRefused {
    if (!(state.rotation() instanceof Distributing distributing)) {
      throw new StepRefused("no new root waits to sign: " + state.rotation());
    }
    change(state.next(distributing.switchSigning(lacking, clock.instant())));
  }

  /**
   * Undoes phase 3: the old root signs again, both stay trusted, and it is now the new one that
   * {@link #dropOldRoot} ends.
   *
   * @param lacking the workloads that have not said that they hold the old root
   */
  public synchronized void switchBack(Set<String> lacking)
      throws IOException, PkiException, StepRefused {
    if (!(state.rotation() instanceof Retiring retiring)) {
      throw new StepRefused("no old root could sign again: " + state.rotation());
    }
    change(state.next(retiring.switchBack(lacking, clock.instant())));
  }

  /** Phase 5: ends the trust in the old root, as {@link Retiring#dropOld} permits. */
  public synchronized void dropOldRoot(Duration workloadTtl, Optional<Set<String>> onOldRoot)
      throws IOException, PkiException, StepRefused {
    if (!(state.rotation() instanceof Retiring retiring)) {
      throw new StepRefused("no old root is retiring: " + state.rotation());
    }
    if (configured.contains(retiring.oldRoot())) {
      throw new StepRefused(
          "root-cert.pem of the plug-in CA still holds the old root, so it would stay trusted; take it"
              + " out there and start again");
    }
    Steady steady = retiring.dropOld(clock.instant(), workloadTtl, onOldRoot);
    String old = Fingerprint.sha256Hex(retiring.oldRoot());
    change(state.next(state.federated().without(old)).with(steady));
  }

  /** Gives up a rotation whose new root has not signed yet. */
  public synchronized void abandonRotation() throws IOException, PkiException, StepRefused {
    if (!(state.rotation() instanceof Distributing distributing)) {
      throw new StepRefused("no rotation can be given up: " + state.rotation());
    }
    change(state.next(distributing.abandon()));
  }

  /**
   * Sets which roots of other clusters are trusted too. Own roots among them are left out: others
   * tell back what they were told, and an old root must not stay trusted by that.
   */
  public synchronized void federate(TrustBundle roots) throws IOException, PkiException {
    TrustBundle others = roots;
    for (String own : state.rotation().bundle().fingerprints()) {
      others = others.without(own);
    }
    if (!others.equals(state.federated())) {
      change(state.next(others));
    }
  }

  /** Takes client certificates of these trust domains from now on, and of no others. */
  public synchronized void accept(Set<String> trustDomains) throws PkiException {
    if (!trustDomains.equals(accepted)) {
      accepted = Set.copyOf(trustDomains);
      signing = signingOf(state);
    }
  }

  private void change(CaState next) throws IOException, PkiException {
    SigningState nextSigning = signingOf(next);
    store.save(next);
    state = next;
    signing = nextSigning;
    log.info("the CA changed: {}", next);
    listeners.forEach(listener -> listener.accept(nextSigning));
  }

  private SigningState signingOf(CaState of) throws PkiException {
    CertificateAuthority authority =
        new CertificateAuthority(
            of.rotation().signing(), settings.profile(), settings.limits(), clock, random);
    TrustBundle trusted = of.bundle().withAll(configured.roots());
    return SigningState.of(authority, trusted, accepted, clock);
  }
}
