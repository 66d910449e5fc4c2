package io.selvage.proxy.netns;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The C library's own calls, through the foreign function interface. Linux only. */
final class LinuxNamespaceCalls implements NamespaceCalls {

  private static final int O_RDONLY = 0;
  private static final int O_CLOEXEC = 0x80000;
  private static final int CLONE_NEWNET = 0x40000000;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private final MethodHandle open;
  private final MethodHandle setns;
  private final MethodHandle close;

  LinuxNamespaceCalls() {
    var linker = Linker.nativeLinker();
    this.open =
        handle(
            linker,
            "open",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
            // open(2) is variadic after its second parameter: the flags never ask for a third
            Linker.Option.firstVariadicArg(2));
    this.setns =
        handle(
            linker,
            "setns",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    this.close =
        handle(linker, "close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
  }

  // restricted by nature: the three signatures below are those of open(2), setns(2) and close(2)
  @SuppressWarnings("restricted")
  private static MethodHandle handle(
      Linker linker, String name, FunctionDescriptor type, Linker.Option... options) {
    var all = new Linker.Option[options.length + 1];
    System.arraycopy(options, 0, all, 0, options.length);
    all[options.length] = Linker.Option.captureCallState("errno");
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type, all);
  }

  @Override
  public int open(String path) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(STATE);
      return orErrno(
          (int) open.invokeExact(state, arena.allocateFrom(path), O_RDONLY | O_CLOEXEC), state);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public int setns(int fd) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(STATE);
      return orErrno((int) setns.invokeExact(state, fd, CLONE_NEWNET), state);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public int close(int fd) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(STATE);
      return orErrno((int) close.invokeExact(state, fd), state);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static int orErrno(int result, MemorySegment state) {
    return result >= 0 ? result : -(int) ERRNO.get(state, 0L);
  }

  private static RuntimeException unexpected(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("a call into the C library failed", e);
  }
}
