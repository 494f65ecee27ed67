/**
 * Results that are complete some time after their method has returned: one small class for each
 * type of them.
 *
 * <p><b>Threads:</b> whichever completes a result.
 *
 * <p><b>Failure:</b> nothing reaches the application but what its own types throw.
 *
 * <p><b>Dependencies:</b> the JDK alone. Types of libraries are known by name: the application's
 * class loader holds them, not ours, and nothing is put into it but a {@link
 * java.lang.reflect.Proxy}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture.async;
