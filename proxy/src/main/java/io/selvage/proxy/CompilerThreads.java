package io.selvage.proxy;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the JIT compiler's threads behind the event loops: a burst of compilation that takes a core
 * from them is a tail of hundreds of milliseconds. A process may always make its own threads nicer,
 * without any right.
 */
final class CompilerThreads {
  private static final Logger LOG = LoggerFactory.getLogger(CompilerThreads.class);
  private static final Path TASKS = Path.of("/proc/self/task");
  private static final int PRIO_PROCESS = 0;
  private static final int NICE = 19;

  private CompilerThreads() {}

  /** Makes them as nice as can be; how many there were. */
  static int yieldToEventLoops() {
    int changed = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      MethodHandle setpriority = setpriority();
      for (Path task : tasks) {
        if (isCompiler(task)) {
          int id = Integer.parseInt(task.getFileName().toString());
          changed += (int) setpriority.invokeExact(PRIO_PROCESS, id, NICE) == 0 ? 1 : 0;
        }
      }
    } catch (IOException e) {
      LOG.debug("the compiler's threads are not found: {}", e.toString());
    } catch (Throwable e) {
      throw new IllegalStateException("setpriority(2) cannot be called", e);
    }
    return changed;
  }

  /** A thread can end while one looks. */
  private static boolean isCompiler(Path task) {
    try {
      String name = Files.readString(task.resolve("comm"));
      return name.startsWith("C1 Compiler") || name.startsWith("C2 Compiler");
    } catch (IOException e) {
      return false;
    }
  }

  // restricted by nature: the signature below is that of setpriority(2)
  @SuppressWarnings("restricted")
  private static MethodHandle setpriority() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("setpriority"),
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT));
  }
}
