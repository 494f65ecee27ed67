/**
 * Shared code of the integration tests: JVMs with the shipped agent, and waiting for rows in the
 * database.
 */
@NullMarked
package io.agentlog.it.support;

import org.jspecify.annotations.NullMarked;
