/**
 * An agent router service. It takes requests in plain words and answers which agent should serve
 * each request, and why.
 *
 * <p>It is recorded by annotations alone: {@code @AgentExecution}, {@code @ProgressStage} and
 * {@code @RoutingDecision} stand on the methods below {@link
 * io.agentlog.sample.router.RouterService#handle}. There is no logger and no call into agentlog,
 * and the answers are the same without the agent.
 *
 * <p><b>Threads:</b> requests are routed one after the other on the main thread, so that the
 * history and every answer depend only on the order of the requests. With {@code --consumers} so
 * many are routed at a time, each consumer's on a thread of its own.
 *
 * <p><b>Failure:</b> every request is answered, with a completed or a failed event. A request that
 * can't be read is a failed answer, not the end of the service.
 */
@NullMarked
package io.agentlog.sample.router;

import org.jspecify.annotations.NullMarked;
