package io.selvage.control.kubernetes.webhook;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.selvage.control.kubernetes.access.MissingPermissions;
import io.selvage.control.kubernetes.access.Permission;
import io.selvage.control.kubernetes.access.PermissionCheck;
import io.selvage.control.kubernetes.event.ClusterEvents;
import io.selvage.control.kubernetes.event.Regarding;
import io.selvage.control.kubernetes.lease.LeaderWork;
import io.selvage.control.kubernetes.source.ObjectWatch;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code caBundle} of the webhooks that this control plane answers, without which the API
 * server trusts none of its answers: filled, kept, and set right again at once when something else
 * writes it, which an Event on the configuration tells, with the writer's name.
 *
 * <p>The replica that leads does so at once. Since nobody can make Pods or policies meanwhile, the
 * others do not wait for the next election: what somebody else wrote, and none of the CA's roots is
 * in, so that no answer could be trusted, they set right in its stead.
 */
public final class CaBundles implements AutoCloseable {
  /** Under that name this control plane writes. */
  public static final String MANAGER = "selvage-control";

  /** The configurations of an installation. */
  public static final String INJECTOR = "selvage-sidecar-injector";

  /** The other one. */
  public static final String VALIDATOR = "selvage-validator";

  private static final String GROUP = "admissionregistration.k8s.io";

  /** After which the others look whether the replica that leads has set it right. */
  private static final Duration STEP_IN = Duration.ofMillis(700);

  /** After which it is tried again where the permission is missing. */
  private static final Duration AGAIN = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(CaBundles.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final KubernetesClient client;
  private final String home;
  private final Supplier<String> roots;
  private final ClusterEvents events;
  private final InstantSource clock;
  private final Map<Kind, ObjectWatch<GenericKubernetesResource>> watches =
      new EnumMap<>(Kind.class);
  private final BooleanSupplier leads;
  private final LeaderWork<Configuration> work;
  private final Set<Configuration> forbidden = ConcurrentHashMap.newKeySet();
  private final Quarrels<Configuration> quarrels = new Quarrels<>(System::nanoTime);

  /** The two kinds of configurations. */
  private enum Kind {
    MUTATING("MutatingWebhookConfiguration"),
    VALIDATING("ValidatingWebhookConfiguration");

    private final String kind;

    Kind(String kind) {
      this.kind = kind;
    }

    private ResourceDefinitionContext context() {
      return new ResourceDefinitionContext.Builder()
          .withGroup(GROUP)
          .withVersion("v1")
          .withKind(kind)
          .withPlural(kind.toLowerCase(java.util.Locale.ROOT) + "s")
          .withNamespaced(false)
          .build();
    }
  }

  private record Configuration(Kind kind, String name) {
    @Override
    public String toString() {
      return kind.kind + " " + name;
    }
  }

  /** A webhook whose bundle isn't right, and how. */
  private record Wrong(WebhookEntry entry, String how) {}

  /**
   * Begins to keep them.
   *
   * @param home the control plane's namespace
   * @param roots of this control plane's own CA, PEM, asked for at each look
   * @param leads whether this replica is the one that writes first
   */
  public CaBundles(
      KubernetesClient client,
      String home,
      Supplier<String> roots,
      BooleanSupplier leads,
      ClusterEvents events,
      InstantSource clock) {
    this.client = client;
    this.home = home;
    this.roots = roots;
    this.events = events;
    this.clock = clock;
    this.leads = leads;
    this.work = new LeaderWork<>("SLV7234", "caBundle of", () -> true, this::keep);
    for (Kind kind : Kind.values()) {
      watches.put(
          kind,
          ObjectWatch.start(
              kind.kind,
              client.genericKubernetesResources(kind.context()),
              object -> look(kind, object)));
    }
  }

  /** The roots are other ones, or this replica leads now: looks at all of them. */
  public void all() {
    watches.forEach((kind, watch) -> watch.all().forEach(object -> look(kind, object)));
  }

  private void look(Kind kind, GenericKubernetesResource object) {
    Configuration configuration = new Configuration(kind, object.getMetadata().getName());
    work.look(configuration, leads.getAsBoolean() ? quarrels.patience(configuration) : STEP_IN);
  }

  private void keep(Configuration configuration) {
    Optional<GenericKubernetesResource> object =
        Optional.ofNullable(watches.get(configuration.kind()))
            .flatMap(watch -> watch.get("", configuration.name()));
    if (object.isEmpty()) {
      return;
    }
    JsonNode json = JSON.readTree(client.getKubernetesSerialization().asJson(object.get()));
    String wanted = roots.get();
    List<Wrong> wrong = new ArrayList<>();
    boolean all = leads.getAsBoolean();
    for (WebhookEntry entry : WebhookEntry.ours(json, home)) {
      if (all || isForOthers(json, entry, wanted)) {
        BundleFault.of(entry.bundle(), wanted, clock.instant())
            .ifPresent(how -> wrong.add(new Wrong(entry, how)));
      }
    }
    if (!wrong.isEmpty() && setRight(configuration, object.get(), wrong, wanted)) {
      tell(configuration, object.get(), json, wrong);
    }
  }

  /**
   * Whether one that doesn't lead steps in: not where a replica wrote it, which may know other
   * roots than this one does yet.
   */
  private boolean isForOthers(JsonNode json, WebhookEntry entry, String wanted) {
    return !BundleFault.hasOneOf(wanted, entry.bundle(), clock.instant())
        && (entry.bundle().isEmpty() || !LastWriter.isOnly(json, entry.name(), MANAGER));
  }

  /** Nothing but the bundles is written, and only to the version that was looked at. */
  private boolean setRight(
      Configuration configuration,
      GenericKubernetesResource object,
      List<Wrong> wrong,
      String wanted) {
    String encoded = Base64.getEncoder().encodeToString(wanted.getBytes(StandardCharsets.UTF_8));
    ObjectNode patch = JSON.createObjectNode();
    patch.putObject("metadata").put("resourceVersion", object.getMetadata().getResourceVersion());
    ArrayNode webhooks = patch.putArray("webhooks"); // merged by name
    for (Wrong one : wrong) {
      webhooks
          .addObject()
          .put("name", one.entry().name())
          .putObject("clientConfig")
          .put("caBundle", encoded);
    }
    PatchContext context =
        new PatchContext.Builder()
            .withPatchType(PatchType.STRATEGIC_MERGE)
            .withFieldManager(MANAGER)
            .build();
    try {
      client
          .genericKubernetesResources(configuration.kind().context())
          .withName(configuration.name())
          .patch(context, patch.toString());
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
        throw e;
      }
      forbidden(configuration);
      work.look(configuration, AGAIN);
      return false;
    }
    forbidden.remove(configuration);
    quarrels.setRight(configuration);
    return true;
  }

  /** It is tried again, and told when it is news. */
  private void forbidden(Configuration configuration) {
    if (forbidden.contains(configuration)) {
      return;
    }
    Permission missing =
        new Permission(
            List.of("get", "patch"),
            GROUP,
            configuration.kind().context().getPlural(),
            "",
            configuration.name());
    LOG.error(
        "SLV7235 {} calls this control plane, which may not patch it; this grants it:\n{}",
        configuration,
        new MissingPermissions(new PermissionCheck(client).user(), List.of(missing)).grant());
    forbidden.add(configuration);
  }

  private void tell(
      Configuration configuration,
      GenericKubernetesResource object,
      JsonNode json,
      List<Wrong> wrong) {
    boolean isFresh = json.path("metadata").path("generation").asLong(0) <= 1;
    for (Wrong one : wrong) {
      String name = one.entry().name();
      if ((isFresh && one.entry().bundle().isEmpty()) || LastWriter.isOnly(json, name, MANAGER)) {
        LOG.info("{}: the caBundle of {} is filled", configuration, name);
        events.normal(
            Regarding.of(object),
            "CABundleSet",
            "Patch",
            "the caBundle of webhook %s holds the roots of the mesh's CA now".formatted(name));
      } else {
        String writer = LastWriter.of(json, name, MANAGER).orElse("whoever wrote it last");
        String told =
            "SLV7236 the caBundle of webhook %s %s, written by %s; it holds the roots of the mesh's CA again"
                .formatted(name, one.how(), writer);
        LOG.warn("{}: {}", configuration, told);
        events.warning(Regarding.of(object), "CABundleRepaired", "Patch", told);
      }
    }
  }

  @Override
  public void close() {
    watches.values().forEach(ObjectWatch::close);
    work.close();
  }
}
