/**
 * From a running Istio to Selvage and back, under traffic: {@link
 * io.selvage.it.migrate.MigrationStage} has a real Kubernetes API, a real istiod and our control
 * plane beside it; the walks run the commands of {@code docs/migration.md} one by one.
 */
@NullMarked
package io.selvage.it.migrate;

import org.jspecify.annotations.NullMarked;
