package io.selvage.proxy.transport;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;

/** A kernel interface that carries the proxy's sockets. */
public enum Transport {
  /** epoll(7): everywhere. */
  EPOLL {
    @Override
    public boolean isAvailable() {
      return Epoll.isAvailable();
    }

    @Override
    IoHandlerFactory handlers() {
      return EpollIoHandler.newFactory();
    }

    @Override
    ServerChannel server() {
      return new EpollServerSocketChannel();
    }

    @Override
    SocketChannel client() {
      return new EpollSocketChannel();
    }
  },
  /** io_uring(7): fewer system calls, and often forbidden in containers. */
  IO_URING {
    @Override
    public boolean isAvailable() {
      return IoUring.isAvailable();
    }

    @Override
    IoHandlerFactory handlers() {
      return IoUringIoHandler.newFactory();
    }

    @Override
    ServerChannel server() {
      return new IoUringServerSocketChannel();
    }

    @Override
    SocketChannel client() {
      return new IoUringSocketChannel();
    }
  };

  /** Whether the kernel lets this process use it. */
  public abstract boolean isAvailable();

  abstract IoHandlerFactory handlers();

  abstract ServerChannel server();

  abstract SocketChannel client();
}
