package io.selvage.xds;

import io.selvage.xds.client.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs what is due when it is told to. */
public final class ManualScheduler implements Scheduler {
  private final List<Task> tasks = new ArrayList<>();
  private Duration now = Duration.ZERO;

  private record Task(Duration at, Runnable run) {}

  @Override
  public Runnable after(Duration delay, Runnable run) {
    Task task = new Task(now.plus(delay), run);
    tasks.add(task);
    return () -> tasks.remove(task);
  }

  /** Lets time pass, and runs what falls due. */
  public void pass(Duration time) {
    now = now.plus(time);
    for (Task task : List.copyOf(tasks)) {
      if (task.at().compareTo(now) <= 0 && tasks.remove(task)) {
        task.run().run();
      }
    }
  }

  /** Delays from now of what waits. */
  public List<Duration> waiting() {
    return tasks.stream().map(task -> task.at().minus(now)).sorted().toList();
  }
}
