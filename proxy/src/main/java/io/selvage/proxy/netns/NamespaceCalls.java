package io.selvage.proxy.netns;

/**
 * The system calls that moving a thread between network namespaces takes. Each returns what the
 * kernel returned, or {@code -errno}.
 */
interface NamespaceCalls {

  /** {@code open(path, O_RDONLY | O_CLOEXEC)}: a descriptor, or {@code -errno}. */
  int open(String path);

  /** {@code setns(fd, CLONE_NEWNET)} on the calling thread: 0, or {@code -errno}. */
  int setns(int fd);

  /** {@code close(fd)}: 0, or {@code -errno}. */
  int close(int fd);
}
