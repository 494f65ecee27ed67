/**
 * What the shipped jar's libraries find in place of {@code java.util.logging} and {@code
 * java.sql.DriverManager}: their references are rewritten to these types when the jar is assembled.
 *
 * <p>An agent that initialises either before the application does breaks it: the log manager is
 * chosen once, and drivers are discovered once, with the context class loader of whoever came
 * first.
 *
 * <p>Names and signatures follow the originals, as far as libraries refer to them; the assembly
 * fails when one is missing. Warnings go to the agent's own log at level debug; what is finer goes
 * nowhere, since pgjdbc writes the values of a statement there, prompts included.
 *
 * <p><b>Dependencies:</b> {@code log}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.log.jul;
