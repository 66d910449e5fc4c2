/**
 * Tokens: those by which workloads ask the CA for certificates ({@link
 * io.selvage.doctor.check.token.TokenIssuer} to {@link
 * io.selvage.doctor.check.token.AuthenticationFailures}), and those of users ({@link
 * io.selvage.doctor.check.token.TokensNotRequired}, {@link io.selvage.doctor.check.token.KeySets}).
 */
@NullMarked
package io.selvage.doctor.check.token;

import org.jspecify.annotations.NullMarked;
