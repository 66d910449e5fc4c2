/**
 * Where configuration comes from: {@link io.selvage.control.source.ConfigSource}, and a folder of
 * YAML as one.
 *
 * <p>{@link io.selvage.control.source.FolderSource} is the thread that waits for changes, {@link
 * io.selvage.control.source.FolderScan} what is there, {@link
 * io.selvage.control.source.FolderContents} what it means and what is kept of what it meant before.
 */
@NullMarked
package io.selvage.control.source;

import org.jspecify.annotations.NullMarked;
