/**
 * An agent router service: takes requests in plain words, answers which of its agents should serve
 * them, and why.
 *
 * <p>It is recorded by annotations alone: {@code @AgentExecution}, {@code @ProgressStage} and
 * {@code @RoutingDecision} stand on the methods below {@link
 * io.agentlog.sample.router.RouterService#handle}; there is no logger and no call into agentlog,
 * and no answer depends on whether the agent is there.
 *
 * <p><b>Threads:</b> requests are routed one after the other on the main thread, so that the
 * history, and with it every answer, follows from the order of the requests.
 *
 * <p><b>Failure:</b> every request is answered, with a completed or a failed event. A request that
 * can't be read is a failed answer, not the end of the service.
 */
@NullMarked
package io.agentlog.sample.router;

import org.jspecify.annotations.NullMarked;
