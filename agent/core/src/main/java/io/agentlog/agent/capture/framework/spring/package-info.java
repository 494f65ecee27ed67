/**
 * Spring AI: calls of its chat clients with their models, tools and retrieved documents, blocking
 * and as streams.
 *
 * <p><b>Threads:</b> the application's; a stream's signals come on any of them, one after the
 * other.
 *
 * <p><b>Dependencies:</b> {@code capture.framework}, {@code capture.value}, {@code event}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture.framework.spring;
