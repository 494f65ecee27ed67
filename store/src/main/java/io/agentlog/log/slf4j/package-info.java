/**
 * Sends log messages of the libraries inside the agent to the agent's own log. The application's
 * SLF4J is another copy in another class loader and never uses this package.
 *
 * <p><b>Dependencies:</b> {@code log}, SLF4J.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.log.slf4j;
