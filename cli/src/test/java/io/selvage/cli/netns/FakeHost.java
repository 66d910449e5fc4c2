package io.selvage.cli.netns;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A host without namespaces of its own: keeps their names, and notes every command and input. */
final class FakeHost implements HostCommands {

  final List<String> commands = new ArrayList<>();
  final List<String> inputs = new ArrayList<>();
  final Set<String> namespaces = new TreeSet<>();
  String failing = "\0";

  @Override
  public Outcome run(List<String> command, String input) {
    String line = String.join(" ", command);
    commands.add(line);
    inputs.add(input);
    if (line.contains(failing)) {
      return new Outcome(1, "", "Operation not permitted\nmore");
    }
    if (line.startsWith("ip netns add ")) {
      namespaces.add(command.getLast());
    } else if (line.startsWith("ip netns delete ")) {
      namespaces.remove(command.getLast());
    } else if (line.equals("ip netns list")) {
      return new Outcome(0, String.join(" (id: 1)\n", namespaces), "");
    }
    return new Outcome(0, "", "");
  }
}
