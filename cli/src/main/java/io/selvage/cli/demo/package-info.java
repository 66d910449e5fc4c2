/**
 * {@code selvage demo}: {@link io.selvage.cli.demo.Demo} walks the runbook on a mesh that runs,
 * {@link io.selvage.cli.demo.DemoPolicies} holds what it writes, {@link
 * io.selvage.cli.demo.DemoStage} is what it needs of the mesh, {@link
 * io.selvage.cli.demo.Narration} how it is printed and counted.
 */
@NullMarked
package io.selvage.cli.demo;

import org.jspecify.annotations.NullMarked;
