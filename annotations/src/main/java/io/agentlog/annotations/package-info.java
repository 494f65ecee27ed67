/**
 * The annotations that mark executions, progress stages, routing decisions and used knowledge, and
 * an optional facade.
 *
 * <p><b>Dependencies:</b> none. Without the agent every annotation is inert and {@link
 * io.agentlog.annotations.CurrentExecution} does nothing.
 *
 * <p><b>Failure:</b> no method throws.
 */
package io.agentlog.annotations;
