package io.selvage.prove;

import io.selvage.model.PortProtocol;
import io.selvage.policy.IstioTranslation.Protocol;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The ports of a workload about which answers may differ. */
final class Places {
  private static final int FIRST_OTHER = 9_999;

  private Places() {}

  /**
   * Declared ports, those that policies name, and one that stands for all others; each for every
   * protocol that it takes.
   *
   * @param other the workload as the other side of a diff has it; the same without one
   * @param named by policies of either side
   * @param only ports that are asked about; empty: all
   */
  static List<Place> of(
      ProvedWorkload workload, ProvedWorkload other, Set<Integer> named, Set<Integer> only) {
    Set<Integer> numbers = new TreeSet<>(named);
    workload.ports().forEach(port -> numbers.add(port.number()));
    other.ports().forEach(port -> numbers.add(port.number()));
    numbers.addAll(only);
    List<Place> places = new ArrayList<>();
    for (int number : numbers) {
      if (only.isEmpty() || only.contains(number)) {
        add(places, workload, other, number, false);
      }
    }
    if (only.isEmpty()) {
      int free = FIRST_OTHER;
      while (numbers.contains(free)) {
        free--;
      }
      add(places, workload, other, free, true);
    }
    return places;
  }

  private static void add(
      List<Place> places,
      ProvedWorkload workload,
      ProvedWorkload other,
      int number,
      boolean isOther) {
    List<Port> declared =
        workload.ports().stream().filter(port -> port.number() == number).toList();
    if (!declared.isEmpty()
        && declared.stream().allMatch(port -> port.protocol() == PortProtocol.UDP)) {
      return;
    }
    Set<Protocol> protocols = EnumSet.noneOf(Protocol.class);
    protocols.addAll(MeshSide.protocols(workload, number));
    protocols.addAll(MeshSide.protocols(other, number));
    for (Protocol protocol : protocols) {
      Optional<Port> port = declared.stream().filter(each -> speaks(each, protocol)).findFirst();
      places.add(
          new Place(
              workload, port.or(() -> declared.stream().findFirst()), number, isOther, protocol));
    }
  }

  private static boolean speaks(Port port, Protocol protocol) {
    return port.protocol() == PortProtocol.UNSPECIFIED
        || port.protocol().isHttp() == (protocol == Protocol.HTTP);
  }
}
