/**
 * Asynchronous results, which are complete some time after their method has returned. Each type has
 * one small class.
 *
 * <p><b>Threads:</b> any thread that completes a result.
 *
 * <p><b>Failure:</b> the application gets only errors that its own types throw.
 *
 * <p><b>Dependencies:</b> the JDK alone. Types of libraries are found by name, because the
 * application's class loader holds them, not the agent's. The only class added to that loader is a
 * {@link java.lang.reflect.Proxy}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture.async;
