/**
 * The demo: the router with the agent, a request file, and what is found afterwards.
 *
 * <p><b>Threads:</b> the main thread does all; children are processes.
 *
 * <p><b>Failure:</b> a {@link DemoException} is one line on stderr and exit code 1. The demo checks
 * what it shows, so a row or an event that is missing is such a failure.
 *
 * <p><b>Left behind:</b> nothing. A database and topics made on servers of someone else are
 * removed.
 */
@NullMarked
package io.agentlog.demo;

import org.jspecify.annotations.NullMarked;
