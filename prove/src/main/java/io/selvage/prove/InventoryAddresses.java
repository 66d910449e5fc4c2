package io.selvage.prove;

import io.selvage.policy.Cidr;
import io.selvage.policy.StringMatch;
import io.selvage.prove.atom.FieldTest;
import io.selvage.prove.encode.Field;
import io.selvage.prove.encode.Formula;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** That known workloads call from their known addresses alone ({@link Options.IpIdentity}). */
final class InventoryAddresses {
  private static final Field PEER = new Field.Peer();
  private static final Field SOURCE = new Field.SourceAddress();

  private InventoryAddresses() {}

  /** The statement; true where addresses make no difference anyway. */
  static Formula of(
      Options options, List<Formula> statements, Collection<ProvedWorkload> inventory) {
    boolean[] looks = {false};
    statements.forEach(
        each ->
            each.visit((field, _) -> looks[0] |= field instanceof Field.SourceAddress, _ -> {}));
    if (options.ipIdentity() == Options.IpIdentity.FREE || !looks[0]) {
      return Formula.Constant.TRUE;
    }
    Map<String, Set<InetAddress>> byPrincipal = new LinkedHashMap<>();
    Map<InetAddress, Set<String>> byAddress = new LinkedHashMap<>();
    Set<String> somewhere = new LinkedHashSet<>();
    for (ProvedWorkload workload : inventory) {
      workload.principal().filter(_ -> workload.addresses().isEmpty()).ifPresent(somewhere::add);
      for (InetAddress address : workload.addresses()) {
        Set<String> owners = byAddress.computeIfAbsent(address, _ -> new LinkedHashSet<>());
        workload
            .principal()
            .ifPresent(
                principal -> {
                  owners.add(principal);
                  byPrincipal.computeIfAbsent(principal, _ -> new LinkedHashSet<>()).add(address);
                });
      }
    }
    List<Formula> all = new ArrayList<>();
    byPrincipal.forEach(
        (principal, addresses) -> {
          if (!somewhere.contains(principal)) {
            all.add(implies(is(principal), any(addresses)));
          }
        });
    byAddress.forEach(
        (address, owners) -> {
          List<Formula> callers = new ArrayList<>();
          callers.add(Formula.not(new Formula.Present(PEER)));
          owners.forEach(owner -> callers.add(is(owner)));
          all.add(implies(any(Set.of(address)), Formula.any(callers)));
        });
    return Formula.all(all);
  }

  private static Formula implies(Formula premise, Formula conclusion) {
    return Formula.any(List.of(Formula.not(premise), conclusion));
  }

  private static Formula is(String principal) {
    return new Formula.Test(PEER, new FieldTest.Text(new StringMatch.Exact(principal, false)));
  }

  private static Formula any(Set<InetAddress> addresses) {
    return Formula.any(
        addresses.stream()
            .<Formula>map(
                address ->
                    new Formula.Test(
                        SOURCE,
                        new FieldTest.Block(new Cidr(address, address.getAddress().length * 8))))
            .toList());
  }
}
