package io.selvage.cli.demo;

import io.selvage.cli.demo.DemoStage.Place;
import io.selvage.cli.netns.HostCommands.Outcome;
import io.selvage.cli.terminal.Style;
import io.selvage.cli.terminal.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The runbook's walk: each command is one that a user can paste, runs through the same code as
 * {@code selvage exec}, and is held to what the runbook promises.
 */
public final class Demo {

  private static final int ROTATION_REQUESTS = 3000;
  private static final String TRUST_DOMAIN = "demo.mesh";
  private static final String HTTPBIN = "http://httpbin.sample:8000";
  private static final Place EAST_SLEEP = Place.app("east", "sample", "sleep");
  private static final Place WEST_SLEEP = Place.app("west", "sample", "sleep");
  private static final Place EAST_HTTPBIN = Place.app("east", "sample", "httpbin");
  private static final Place WEST_HTTPBIN = Place.app("west", "sample", "httpbin");
  private static final Place AUTHZ_HTTPBIN = Place.app("east", "authz-ns", "httpbin");
  private static final Pattern XFCC =
      Pattern.compile("By=([^;\"]*);Hash=([0-9a-f]{64});Subject=\\\\?\"[^\"]*\";URI=([^;\"\\\\]*)");

  private static final Pattern MESH_CA_ROOT =
      Pattern.compile("CN=istio_v1_cloud_workload_root-signer-\\d+-\\d{4}-\\d\\d-\\d\\dT.*");

  private final DemoStage stage;
  private final Narration tell;
  private final InstantSource clock;

  /**
   * A walk that has not begun.
   *
   * @param clock the same that the commands' {@code date} shows
   */
  public Demo(DemoStage stage, PrintWriter out, Style style, InstantSource clock) {
    this.stage = stage;
    this.tell = new Narration(out, style);
    this.clock = clock;
  }

  /**
   * Walks all steps and prints the summary; what fails is told and does not stop the walk.
   *
   * @param since when the user typed the command
   * @return whether every expectation holds
   */
  public boolean run(Instant since) throws IOException, InterruptedException {
    walk();
    return tell.summary(Duration.between(since, clock.instant()).toMillis() / 1000.0);
  }

  private void walk() throws IOException, InterruptedException {
    plaintextIsReset();
    identityArrives();
    chainsLeadToTheirRoots();
    emptyPolicyDenies();
    policiesDecide();
    rotationsLoseNothing();
  }

  private void plaintextIsReset() throws IOException {
    tell.step(1, "Plaintext to a strict service is reset");
    tell.says("The proxy's container is not captured, so this request leaves without mTLS.");
    var command = new ArrayList<>(List.of("curl", "-sS"));
    stage
        .address(EAST_HTTPBIN)
        .ifPresent(at -> command.addAll(List.of("--resolve", "httpbin.sample:8000:" + at)));
    command.add(HTTPBIN + "/headers");
    var outcome = run(EAST_SLEEP.asProxy(), command.toArray(String[]::new));
    tell.output(outcome.err() + outcome.out());
    tell.expect(
        outcome.exit() == 56 && outcome.err().contains("Recv failure: Connection reset by peer"),
        "curl: (56) connection reset by peer, exit status " + outcome.exit());
  }

  private void identityArrives() throws IOException {
    tell.step(2, "The same request as a workload arrives with its identity");
    var outcome = run(EAST_SLEEP, "curl", "-sS", HTTPBIN + "/headers");
    tell.output(outcome.out() + outcome.err());
    expectXfcc(outcome, EAST_SLEEP);
    tell.says("From the other cluster, whose certificates another CA signed, to both:");
    List<String> command =
        List.of("curl", "-sS", "-D", "-", HTTPBIN + "/headers?[1-8]", "-H", "Connection: close");
    var served = new ArrayList<String>();
    tell.command(WEST_SLEEP, command);
    var all = stage.exec(WEST_SLEEP, command);
    all.out()
        .lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("x-served-by:"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .forEach(served::add);
    tell.output(
        "served by east %d times, by west %d times"
            .formatted(count(served, "east/httpbin"), count(served, "west/httpbin")));
    tell.expect(
        count(served, "east/httpbin") > 0 && served.size() == 8,
        "sleep in west reaches httpbin in east");
    if (served.size() != 8) { // whatever else came is the evidence
      tell.output(all.out() + all.err());
    }
    expectXfcc(all, WEST_SLEEP);
  }

  private void expectXfcc(Outcome outcome, Place caller) {
    var xfcc = XFCC.matcher(outcome.out());
    if (!xfcc.find()) {
      tell.expect(false, "X-Forwarded-Client-Cert with By, Hash, Subject and URI");
      return;
    }
    tell.expect(
        xfcc.group(1).equals(spiffe("httpbin")) && xfcc.group(3).equals(spiffe("sleep")),
        "By and URI are the two identities");
    tell.expect(
        xfcc.group(2).equals(stage.fingerprint(caller)),
        "Hash is the SHA-256 of the certificate of %s in %s"
            .formatted(caller.workload(), caller.cluster()));
  }

  private static String spiffe(String account) {
    return "spiffe://" + TRUST_DOMAIN + "/ns/sample/sa/" + account;
  }

  private static long count(List<String> served, String by) {
    return served.stream().filter(by::equals).count();
  }

  private void chainsLeadToTheirRoots() throws IOException {
    tell.step(3, "Each cluster's CA signs in its own profile");
    var east = chain("east", "CA profile istiod: the root signs, and names the trust domain");
    tell.expect(east.size() == 2 && ShownChain.linked(east), "east: leaf and root, whole");
    tell.expect(
        ShownChain.leafSubject(east).isEmpty()
            && ShownChain.rootSubject(east).equals("O=" + TRUST_DOMAIN),
        "east: the leaf's subject is empty, the root is O=" + TRUST_DOMAIN);
    var west = chain("west", "CA profile meshca: an intermediate signs below the root");
    tell.expect(
        west.size() == 3 && ShownChain.linked(west), "west: leaf, intermediate and root, whole");
    tell.expect(
        ShownChain.leafSubject(west).contains("OU=istio_v1_cloud_workload")
            && ShownChain.leafSubject(west).contains("O=" + TRUST_DOMAIN)
            && MESH_CA_ROOT.matcher(ShownChain.rootSubject(west)).matches(),
        "west: OU=istio_v1_cloud_workload below CN=…root-signer-<n>-<date>");
  }

  private List<ShownChain.Link> chain(String cluster, String says) throws IOException {
    tell.says(says + ".");
    List<String> pasted =
        List.of(
            "openssl",
            "s_client",
            "-alpn",
            "istio",
            "-showcerts",
            "-connect",
            stage
                    .address(cluster.equals("east") ? EAST_HTTPBIN : WEST_HTTPBIN)
                    .orElse("httpbin.sample")
                + ":8000");
    var asked = cluster.equals("east") ? EAST_SLEEP.asProxy() : WEST_SLEEP.asProxy();
    tell.command(asked, pasted);
    String found = "";
    // either cluster's httpbin may answer to the service's name: ask until this cluster's does
    for (int i = 0; i < 12; i++) {
      found = stage.exec(asked, pasted).out();
      if (found.contains("istio_v1_cloud_workload_root-signer-") == cluster.equals("west")) {
        break;
      }
    }
    tell.output(
        String.join(
            "\n",
            found
                .lines()
                .filter(l -> l.matches("\\s*\\d* ?[si]:.*|\\s*\\d+ s:.*|ALPN.*"))
                .toList()));
    return ShownChain.of(found);
  }

  private void emptyPolicyDenies() throws IOException, InterruptedException {
    tell.step(4, "A policy that allows nothing denies, and its removal allows again");
    String url = "http://httpbin.authz-ns:8000/ip";
    Path file = stage.folder().resolve("common/deny-authz-ns.yaml");
    expectStatus(url, "200", "before");
    tell.command("cat > " + shown(file) + " <<'EOF'");
    tell.output(DemoPolicies.DENY_ALL + "EOF");
    long denied = timeUntil("403", url, () -> write(file, DemoPolicies.DENY_ALL));
    var outcome = run(EAST_SLEEP, "curl", "-sS", "-w", "\\n%{http_code}\\n", url);
    tell.output(outcome.out() + outcome.err());
    tell.expect(
        outcome.out().equals("RBAC: access denied\n403\n"),
        "403 RBAC: access denied, " + denied + " ms after the file was written");
    tell.command("rm " + shown(file));
    long allowed = timeUntil("200", url, () -> Files.delete(file));
    expectStatus(url, "200", allowed + " ms after the file was removed");
  }

  private void expectStatus(String url, String wanted, String when) throws IOException {
    var outcome = run(EAST_SLEEP, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}\\n", url);
    tell.output(outcome.out() + outcome.err());
    tell.expect(outcome.out().strip().equals(wanted), wanted + " " + when);
  }

  /** An edit of the demo's folder. */
  private interface Edit {
    void make() throws IOException;
  }

  /**
   * Milliseconds from {@code edit} to the first answer with {@code status}; when none of a thousand
   * has it, an expectation that does not hold.
   */
  private long timeUntil(String status, String url, Edit edit) throws IOException {
    long start = clock.millis();
    edit.make();
    var outcome =
        stage.exec(
            EAST_SLEEP,
            List.of(
                "sh",
                "-c",
                "for i in $(seq 1000); do"
                    + " [ \"$(curl -s -o /dev/null -w '%{http_code}' "
                    + url
                    + ")\" = "
                    + status
                    + " ] && date +%s%3N && exit 0; done; echo 0"));
    String ended = outcome.out().strip();
    if (ended.matches("\\d{10,}")) {
      return Long.parseLong(ended) - start;
    }
    tell.expect(false, status + " from " + url + ", which 1000 requests did not see");
    return clock.millis() - start;
  }

  /** As a shell takes it, with {@code ~} for the user's home. */
  private static String shown(Path file) {
    Path home = Path.of(System.getProperty("user.home", "/"));
    return file.startsWith(home) ? "~/" + home.relativize(file) : file.toString();
  }

  private static void write(Path file, String text) throws IOException {
    Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
    Files.writeString(fresh, text);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** One row of the table: who asks what, and what the policy makes of it. */
  private record Row(String because, Place from, String method, String path, List<String> more) {
    Row(String because, Place from, String method, String path) {
      this(because, from, method, path, List.of());
    }

    String status(DemoStage stage) throws IOException {
      var command =
          new ArrayList<>(
              List.of("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", method));
      command.addAll(more);
      command.add(HTTPBIN + path);
      return stage.exec(from, command).out().strip();
    }
  }

  private void policiesDecide() throws IOException, InterruptedException {
    tell.step(5, "Policies decide by identity, namespace, method, path, header and token");
    var tokens = new DemoTokens(clock);
    Path file = stage.folder().resolve("common/httpbin-policies.yaml");
    long took =
        timeUntil(
            "403",
            HTTPBIN + "/bytes/1",
            () -> write(file, DemoPolicies.table(TRUST_DOMAIN, tokens.jwks())));
    tell.command("less " + shown(file));
    tell.says("In force after " + took + " ms. Each row is a curl through `selvage exec`.");
    waitUntilBothEnforce();
    String bearer = "Authorization: Bearer ";
    Duration hour = Duration.ofHours(1);
    var rows = new ArrayList<List<Object>>();
    rows.add(row("200", new Row("principal", EAST_SLEEP, "GET", "/headers")));
    rows.add(row("200", new Row("principal, other cluster", WEST_SLEEP, "GET", "/headers")));
    rows.add(row("403", new Row("method", EAST_SLEEP, "POST", "/headers")));
    rows.add(row("403", new Row("path", EAST_SLEEP, "GET", "/bytes/9")));
    rows.add(row("403", new Row("path, spelt /./bytes", EAST_SLEEP, "GET", "/./bytes/9")));
    rows.add(row("200", new Row("namespace", AUTHZ_HTTPBIN, "GET", "/ip")));
    rows.add(row("403", new Row("namespace", AUTHZ_HTTPBIN, "GET", "/headers")));
    rows.add(row("403", new Row("header absent", EAST_SLEEP, "GET", "/anything/x")));
    rows.add(
        row(
            "200",
            new Row("header", EAST_SLEEP, "GET", "/anything/x", List.of("-H", "x-team: blue"))));
    rows.add(row("204", new Row("prefix", EAST_SLEEP, "GET", "/status/204")));
    rows.add(row("403", new Row("DENY before ALLOW", EAST_SLEEP, "GET", "/status/503")));
    rows.add(row("403", new Row("no token", EAST_SLEEP, "GET", "/get")));
    rows.add(row("200", token("claim", bearer + tokens.token("ann", "admins", hour))));
    rows.add(row("403", token("claim differs", bearer + tokens.token("bob", "users", hour))));
    rows.add(row("401", token("expired", bearer + tokens.token("ann", "admins", hour.negated()))));
    rows.add(
        row(
            "401",
            token("unknown key", bearer + new DemoTokens(clock).token("x", "admins", hour))));
    var table = new Table("FROM", "REQUEST", "DECIDED BY", "EXPECTED", "GOT", "");
    rows.forEach(cells -> table.row(cells.toArray()));
    tell.output(String.join("\n", table.lines()));
    long right = rows.stream().filter(cells -> cells.get(3).equals(cells.get(4))).count();
    tell.expect(right == rows.size(), right + " of " + rows.size() + " requests as expected");
    Files.delete(file);
    timeUntil("200", HTTPBIN + "/bytes/1", () -> {});
  }

  private static Row token(String because, String header) {
    return new Row("token: " + because, EAST_SLEEP, "GET", "/get", List.of("-H", header));
  }

  private List<Object> row(String expected, Row row) throws IOException {
    String got = row.status(stage);
    return List.of(
        row.from().cluster() + " " + row.from().namespace(),
        row.method() + " " + row.path(),
        row.because(),
        expected,
        got,
        got.equals(expected) ? "√" : "×");
  }

  /** Both clusters' httpbin answer to the name: the table is fair once neither lets this pass. */
  private void waitUntilBothEnforce() throws IOException {
    int refused = 0;
    for (int i = 0; i < 200 && refused < 8; i++) {
      var row = new Row("", WEST_SLEEP, "GET", "/bytes/1");
      refused = row.status(stage).equals("403") ? refused + 1 : 0;
    }
  }

  private void rotationsLoseNothing() throws IOException, InterruptedException {
    tell.step(6, "A certificate and a root are rotated while requests run");
    var load =
        new ArrayList<>(
            List.of("curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{errormsg}\\n"));
    if (curlKnowsRates()) {
      load.addAll(List.of("--rate", "200/s"));
    }
    load.addAll(List.of("-m", "60", HTTPBIN + "/status/200?[1-" + ROTATION_REQUESTS + "]"));
    tell.command(EAST_SLEEP, load);
    var answers = new ArrayList<String>();
    var running = new Thread(() -> answers.addAll(all(load)), "demo-load");
    running.start();
    stage.pause(Duration.ofMillis(500));
    String before = stage.fingerprint(EAST_SLEEP);
    stage.rotateCertificate(EAST_SLEEP);
    tell.output(
        "sleep's certificate: "
            + shortened(before)
            + " -> "
            + shortened(stage.fingerprint(EAST_SLEEP)));
    tell.expect(!before.equals(stage.fingerprint(EAST_SLEEP)), "the certificate is another one");
    stage.rotateRoot("east").forEach(tell::output);
    running.join();
    long failed = answers.stream().filter(answer -> !answer.startsWith("200")).count();
    tell.expect(
        failed == 0 && answers.size() == ROTATION_REQUESTS,
        "%d requests, %d failed".formatted(answers.size(), failed));
    Arrays.stream(answers.stream().filter(a -> !a.startsWith("200")).distinct().toArray())
        .limit(5)
        .forEach(answer -> tell.output("  " + answer));
    tell.says("New connections, to the new root:");
    expectStatus(HTTPBIN + "/status/200", "200", "after the rotation");
  }

  /** From 7.84 on; an older one sends as fast as it can. */
  private boolean curlKnowsRates() throws IOException {
    return stage.exec(EAST_SLEEP, List.of("curl", "--rate", "1/s", "--version")).exit() == 0;
  }

  private List<String> all(List<String> load) {
    try {
      return stage.exec(EAST_SLEEP, load).out().lines().toList();
    } catch (IOException e) {
      return List.of("000 " + e.getMessage());
    }
  }

  private static String shortened(String fingerprint) {
    return fingerprint.length() > 16 ? fingerprint.substring(0, 16) + "…" : fingerprint;
  }

  private Outcome run(Place place, String... command) throws IOException {
    tell.command(place, List.of(command));
    return stage.exec(place, List.of(command));
  }
}
