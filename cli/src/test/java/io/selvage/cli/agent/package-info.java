@NullMarked
package io.selvage.cli.agent;

import org.jspecify.annotations.NullMarked;
