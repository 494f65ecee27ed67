/**
 * The annotations that mark executions, progress stages and routing decisions, and an optional
 * facade.
 *
 * <p><b>Dependencies:</b> none, not even on the agent: without it every annotation is inert and
 * {@link io.agentlog.annotations.CurrentExecution} does nothing.
 *
 * <p><b>Failure:</b> nothing here throws.
 */
package io.agentlog.annotations;
