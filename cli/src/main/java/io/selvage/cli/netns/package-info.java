/**
 * Places for workloads on one machine: a network namespace each, joined by a fabric namespace that
 * plays the node, with nftables capture toward the proxy. Read {@link
 * io.selvage.cli.netns.Isolation} (what this machine allows), then {@link
 * io.selvage.cli.netns.MeshNetwork} (what is created and removed), {@link
 * io.selvage.cli.netns.CaptureRules} (what traffic goes where) and {@link
 * io.selvage.cli.netns.EntryCommand} (how a process gets inside).
 */
@NullMarked
package io.selvage.cli.netns;

import org.jspecify.annotations.NullMarked;
