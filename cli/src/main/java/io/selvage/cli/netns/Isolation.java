package io.selvage.cli.netns;

import java.io.IOException;
import java.util.Map;

/**
 * How workloads are kept apart on this machine, and why so.
 *
 * @param mode what is used
 * @param reason one clause for the user, such as {@code "root, ip and nft are here"}
 */
public record Isolation(Mode mode, String reason) {

  /** The three ways, from the most to the least literal. */
  public enum Mode {
    /**
     * Network namespaces made by root, nftables capture, DNS: the runbook's commands as they are.
     */
    ROOT_NAMESPACES("network namespaces"),
    /** The same inside a user namespace, for users without root. */
    USER_NAMESPACES("network namespaces in a user namespace"),
    /** No namespaces: 127.x addresses, and workloads are given {@code http_proxy}. */
    HTTP_PROXY("http_proxy");

    private final String words;

    Mode(String words) {
      this.words = words;
    }

    /** The name that the user reads. */
    public String words() {
      return words;
    }

    /** Whether workloads have network namespaces of their own. */
    public boolean namespaces() {
      return this != HTTP_PROXY;
    }
  }

  /** Asks for {@link Mode#HTTP_PROXY} where more would be possible: {@code http_proxy}. */
  public static final String WANTED = "SELVAGE_ISOLATION";

  /** Set by the launcher once it has re-executed itself under {@code unshare}. */
  public static final String INSIDE_USER_NAMESPACE = "SELVAGE_USERNS";

  /**
   * Finds the best mode that works here, by trying: a namespace is made, a rule is loaded, and both
   * are removed again.
   *
   * @param environment says what is wanted, and whether this process already runs as root of a user
   *     namespace
   */
  public static Isolation detect(HostCommands host, Map<String, String> environment) {
    if (environment.getOrDefault(WANTED, "").equals("http_proxy")) {
      return new Isolation(Mode.HTTP_PROXY, WANTED + " asks for it");
    }
    boolean userNamespace = environment.containsKey(INSIDE_USER_NAMESPACE);
    try {
      String refusal = refusal(host);
      if (!refusal.isEmpty()) {
        return new Isolation(Mode.HTTP_PROXY, refusal);
      }
    } catch (IOException e) {
      return new Isolation(Mode.HTTP_PROXY, String.valueOf(e.getMessage()));
    }
    return userNamespace
        ? new Isolation(Mode.USER_NAMESPACES, "no root, but user namespaces are allowed")
        : new Isolation(Mode.ROOT_NAMESPACES, "root, with ip and nft");
  }

  private static String refusal(HostCommands host) throws IOException {
    if (!host.run("sh", "-c", "command -v ip").succeeded()) {
      return "`ip` is not installed (Debian: iproute2)";
    }
    if (!host.run("sh", "-c", "command -v nft").succeeded()) {
      return "`nft` is not installed (Debian: nftables)";
    }
    var trial = "selvage-trial-" + ProcessHandle.current().pid();
    var made = host.run("ip", "netns", "add", trial);
    if (!made.succeeded()) {
      return "network namespaces are not allowed here: " + firstLine(made.err());
    }
    try {
      var rules = host.run(CaptureRules.inside(trial, "nft", "-f", "-"), CaptureRules.initial());
      return rules.succeeded() ? "" : "nftables refuses the capture: " + firstLine(rules.err());
    } finally {
      host.run("ip", "netns", "delete", trial);
    }
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("no reason given").strip();
  }
}
