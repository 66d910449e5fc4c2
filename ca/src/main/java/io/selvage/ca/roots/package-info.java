/**
 * What the authority signs with: {@link io.selvage.ca.roots.CaState}, how a root is replaced
 * without an outage ({@link io.selvage.ca.roots.RootRotation}), and where the state survives a
 * crash ({@link io.selvage.ca.roots.FileCaStore}). {@link
 * io.selvage.ca.roots.CertificateAuthorityService} holds them together.
 */
@NullMarked
package io.selvage.ca.roots;

import org.jspecify.annotations.NullMarked;
