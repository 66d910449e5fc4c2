/**
 * What an installation in a cluster consists of, and how it gets there and away again. {@link
 * io.selvage.control.kubernetes.install.InstallSettings} and the templates among the resources make
 * a {@link io.selvage.control.kubernetes.install.Manifest}; {@link
 * io.selvage.control.kubernetes.install.Planner} compares it with a cluster; {@link
 * io.selvage.control.kubernetes.install.Rollout} waits for what comes of it, and {@link
 * io.selvage.control.kubernetes.install.InstallChecks} looks whether it works.
 */
@NullMarked
package io.selvage.control.kubernetes.install;

import org.jspecify.annotations.NullMarked;
