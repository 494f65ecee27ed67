/**
 * The demo: the router with the agent, a request file, and a report of the recorded executions.
 *
 * <p><b>Threads:</b> the main thread does all; children are processes.
 *
 * <p><b>Failure:</b> a {@link DemoException} is one line on stderr and exit code 1. The demo checks
 * what it shows, so a missing row or event is a failure too.
 *
 * <p><b>Left behind:</b> nothing. A database and topics made on servers of someone else are
 * removed.
 */
@NullMarked
package io.agentlog.demo;

import org.jspecify.annotations.NullMarked;
