/** The security runbook with its own commands, curl and openssl, against a whole mesh. */
@NullMarked
package io.selvage.it.runbook;

import org.jspecify.annotations.NullMarked;
