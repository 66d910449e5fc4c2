package io.selvage.control.generate;

import io.selvage.control.workload.Places;
import io.selvage.control.workload.ServiceEndpoint;
import io.selvage.model.LocalityLoadBalancing;
import io.selvage.model.LocalityLoadBalancing.Distribute;
import io.selvage.model.LocalityLoadBalancing.Failover;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToIntFunction;

/**
 * What one client prefers among the endpoints of a service, as Istio decides it ({@code
 * LocalityLoadBalancerSetting}).
 *
 * @param setting what is written
 * @param locality of the client, {@code region/zone/subzone}; empty where it does not count
 * @param labels of the client, those that count
 * @param failover whether endpoints are set aside when they fail; without, a client would never get
 *     to those of a lower priority, so there are none
 */
record Nearness(
    LocalityLoadBalancing setting, String locality, Map<String, String> labels, boolean failover) {
  /** Steps of nearness: subzone, zone, region, the region that is next, the others. */
  private static final int STEPS = 5;

  private static final int NEXT_REGION = 3;

  /**
   * Endpoints that are alike to a client.
   *
   * @param place {@code region/zone/subzone}
   * @param priority 0 first, without gaps
   * @param weight share within the priority, 1..
   */
  record Group(String place, int priority, int weight, List<ServiceEndpoint> members) {
    private Group atPriority(int other) {
      return new Group(place, other, weight, members);
    }
  }

  /**
   * What a client prefers, made of what counts alone, so that those to whom it comes to the same
   * are equal.
   *
   * @param labels all that the client has
   */
  static Nearness of(
      LocalityLoadBalancing setting,
      String locality,
      Map<String, String> labels,
      boolean failover) {
    boolean byLabels = setting.distribute().isEmpty() && !setting.failoverPriority().isEmpty();
    Map<String, String> counting = new HashMap<>();
    if (byLabels) {
      for (String name : setting.failoverPriority()) {
        String value = labels.get(name);
        if (value != null) {
          counting.put(name, value);
        }
      }
    }
    return new Nearness(
        setting,
        byLabels && setting.failover().isEmpty() ? "" : locality,
        Map.copyOf(counting),
        failover);
  }

  /** By place, all the same to everybody. */
  static List<Group> byPlace(Collection<ServiceEndpoint> endpoints) {
    SortedMap<String, List<ServiceEndpoint>> byPlace = new TreeMap<>();
    for (ServiceEndpoint endpoint : endpoints) {
      byPlace.computeIfAbsent(endpoint.locality(), place -> new ArrayList<>()).add(endpoint);
    }
    List<Group> groups = new ArrayList<>();
    byPlace.forEach((place, members) -> groups.add(new Group(place, 0, sum(members), members)));
    return groups;
  }

  private static int sum(List<ServiceEndpoint> members) {
    return members.stream().mapToInt(ServiceEndpoint::weight).sum();
  }

  /** The endpoints as this client prefers them. */
  List<Group> of(Collection<ServiceEndpoint> endpoints) {
    List<Group> groups = byPlace(endpoints);
    if (!setting.enabled()) {
      return groups;
    }
    if (!setting.distribute().isEmpty()) {
      return distributed(groups);
    }
    if (!failover) {
      return groups;
    }
    if (setting.failoverPriority().isEmpty()) {
      return compact(groups, this::distance);
    }
    List<Group> byLabels = compact(byLabels(groups), Group::priority);
    return setting.failover().isEmpty()
        ? byLabels
        : compact(byLabels, group -> group.priority() * STEPS + distance(group));
  }

  /** The first entry for the client's place counts; endpoints that it does not name get nothing. */
  private List<Group> distributed(List<Group> groups) {
    for (Distribute entry : setting.distribute()) {
      if (matches(locality, entry.from())) {
        List<Group> left = new ArrayList<>(groups);
        List<Group> shared = new ArrayList<>();
        entry.to().forEach((place, share) -> shared.addAll(share(left, place, share)));
        return shared;
      }
    }
    return groups;
  }

  private static List<Group> share(List<Group> left, String place, int share) {
    List<Group> here = left.stream().filter(group -> matches(group.place(), place)).toList();
    left.removeAll(here);
    long total = here.stream().mapToLong(Group::weight).sum();
    return here.stream()
        .map(
            group ->
                new Group(
                    group.place(),
                    0,
                    (int) Math.max(1, Math.ceilDiv((long) group.weight() * share, total)),
                    group.members()))
        .toList();
  }

  /** Whether a place is in what is written, where {@code *} and what is left out are any. */
  static boolean matches(String place, String written) {
    return (Places.region(written).equals("*")
            || Places.region(written).equals(Places.region(place)))
        && isPart(Places.zone(written), Places.zone(place))
        && isPart(Places.subzone(written), Places.subzone(place));
  }

  private static boolean isPart(String written, String part) {
    return written.isEmpty() || written.equals("*") || written.equals(part);
  }

  private int distance(Group group) {
    String place = group.place();
    if (!Places.region(place).equals(Places.region(locality))) {
      boolean another =
          setting.failover().stream()
              .filter(entry -> entry.from().equals(Places.region(locality)))
              .findFirst()
              .map(Failover::to)
              .filter(next -> !next.equals(Places.region(place)))
              .isPresent();
      return another ? NEXT_REGION + 1 : NEXT_REGION;
    }
    if (!Places.zone(place).equals(Places.zone(locality))) {
      return 2;
    }
    return Places.subzone(place).equals(Places.subzone(locality)) ? 0 : 1;
  }

  private List<Group> byLabels(List<Group> groups) {
    List<Group> all = new ArrayList<>();
    for (Group group : groups) {
      SortedMap<Integer, List<ServiceEndpoint>> byPriority = new TreeMap<>();
      for (ServiceEndpoint member : group.members()) {
        byPriority.computeIfAbsent(priority(member), p -> new ArrayList<>()).add(member);
      }
      byPriority.forEach(
          (priority, members) ->
              all.add(new Group(group.place(), priority, sum(members), members)));
    }
    return all;
  }

  /** One of another network comes after all of the client's own, when networks are told apart. */
  private int priority(ServiceEndpoint endpoint) {
    List<String> wanted = setting.failoverPriority();
    int behind = 0;
    for (int i = 0; i < wanted.size(); i++) {
      String[] label = wanted.get(i).split("=", 2);
      String own = label.length > 1 ? label[1] : labels.getOrDefault(label[0], "");
      String theirs = endpoint.label(label[0]);
      if (!own.equals(theirs == null ? "" : theirs)) {
        if (i == 0 && label[0].equals("topology.istio.io/network")) {
          behind = wanted.size();
        } else {
          return behind + wanted.size() - i;
        }
      }
    }
    return behind;
  }

  /** Envoy's priorities have no gaps. */
  private static List<Group> compact(List<Group> groups, ToIntFunction<Group> priority) {
    List<Integer> used =
        List.copyOf(new TreeSet<>(groups.stream().map(priority::applyAsInt).toList()));
    return groups.stream()
        .map(group -> group.atPriority(used.indexOf(priority.applyAsInt(group))))
        .toList();
  }
}
