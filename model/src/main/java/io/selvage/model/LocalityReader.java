package io.selvage.model;

import io.selvage.model.LocalityLoadBalancing.Distribute;
import io.selvage.model.LocalityLoadBalancing.Failover;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code localityLbSetting} of a DestinationRule or of the mesh. */
final class LocalityReader {
  private static final int WHOLE = 100;

  private LocalityReader() {}

  static Optional<LocalityLoadBalancing> of(Fields fields) {
    return fields.object("localityLbSetting").map(LocalityReader::read);
  }

  private static LocalityLoadBalancing read(Fields fields) {
    List<Distribute> distribute =
        fields.objects("distribute").stream().map(LocalityReader::distribute).toList();
    List<Failover> failover = new ArrayList<>();
    for (Fields one : fields.objects("failover")) {
      Failover read = new Failover(one.text("from", ""), one.text("to", ""));
      if (read.from().equals(read.to())) {
        one.refuse("to", "is the region that it is to replace");
      }
      if (read.from().contains("/") || read.to().contains("/")) {
        one.refuse("from", "and \"to\" are regions, without zone");
      }
      one.finish();
      failover.add(read);
    }
    LocalityLoadBalancing all =
        new LocalityLoadBalancing(
            fields.flag("enabled", true), distribute, failover, fields.texts("failoverPriority"));
    if (!distribute.isEmpty() && !(all.failover().isEmpty() && all.failoverPriority().isEmpty())) {
      fields.refuse("distribute", "cannot stand beside failover or failoverPriority");
    }
    fields.finish();
    return all;
  }

  private static Distribute distribute(Fields fields) {
    Map<String, Integer> to = new LinkedHashMap<>();
    Fields shares = fields.objectOrNone("to");
    for (String place : shares.names()) {
      shares.number(place, 1, WHOLE).ifPresent(share -> to.put(place, share));
    }
    int sum = to.values().stream().mapToInt(share -> share).sum();
    if (sum != WHOLE) {
      fields.refuse("to", "the shares are %d together, not 100".formatted(sum));
    }
    Distribute read = new Distribute(fields.text("from", ""), to);
    fields.finish();
    return read;
  }
}
