/**
 * Replaces {@code java.util.logging} and {@code java.sql.DriverManager} for the libraries in the
 * shipped jar. Assembling the jar rewrites their references to these types.
 *
 * <p>An agent that initialises either class before the application breaks the application, because
 * the log manager is chosen once, and drivers are discovered once, with the context class loader of
 * the first caller.
 *
 * <p>Names and signatures are those of the originals, as far as libraries refer to them; the
 * assembly fails if one is missing. Warnings go to the agent's own log at level debug. Finer levels
 * are not logged, because pgjdbc writes the values of a statement there, prompts included.
 *
 * <p><b>Dependencies:</b> {@code log}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.log.jul;
