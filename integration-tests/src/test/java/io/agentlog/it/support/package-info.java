/**
 * What integration tests share: JVMs with the shipped agent, and waiting for what reached the
 * database.
 */
@NullMarked
package io.agentlog.it.support;

import org.jspecify.annotations.NullMarked;
