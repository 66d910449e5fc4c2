package io.selvage.proxy.telemetry;

import org.jspecify.annotations.Nullable;

/**
 * What one line is about.
 *
 * @param connection always there
 * @param request null for a TCP connection
 */
record LogEntry(ConnectionRecord connection, @Nullable RequestRecord request) {}
