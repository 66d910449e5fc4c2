/**
 * How answers of the prover look. {@link io.selvage.cli.prove.report.DiffText} and its siblings are
 * for people; {@link io.selvage.cli.prove.report.JsonAnswers} is the contract for programs; {@link
 * io.selvage.cli.prove.report.Finding} is what SARIF, JUnit and annotations are made from; {@link
 * io.selvage.cli.prove.report.TrafficGraph} is what pictures are drawn from.
 */
@NullMarked
package io.selvage.cli.prove.report;

import org.jspecify.annotations.NullMarked;
