/**
 * How a workload gets its certificate and keeps it fresh: {@link
 * io.selvage.ca.client.CertificateClient} asks once, {@link
 * io.selvage.ca.client.CertificateRotation} asks again in time.
 */
@NullMarked
package io.selvage.ca.client;

import org.jspecify.annotations.NullMarked;
