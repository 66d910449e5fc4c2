/**
 * What Google's cloud says of Anthos Service Mesh, read only. Reading order: {@link
 * io.selvage.doctor.cloud.CloudSource}, {@link io.selvage.doctor.cloud.GoogleCredentials} (who
 * asks), {@link io.selvage.doctor.cloud.GoogleCloud} (what).
 */
@NullMarked
package io.selvage.doctor.cloud;

import org.jspecify.annotations.NullMarked;
