/**
 * LangChain4j: its AI services, streams, tools, models, retrieval and its agentic module. {@link
 * io.agentlog.agent.capture.framework.langchain4j.LangChain4j} lists the woven methods; each has a
 * handler of its own here.
 *
 * <p>A run begins and ends with the framework's own method, and not with the framework's events:
 * each kind of run has a way to end of which no event tells. The events only fill in values.
 *
 * <p><b>Threads:</b> the application's, any number, at once.
 *
 * <p><b>Failure:</b> what a handler throws is dropped and counted by its caller.
 *
 * <p><b>Class loaders:</b> classes of LangChain4j are known by name. Their objects are held in
 * tokens on the stack and as keys of weak maps alone.
 *
 * <p><b>Dependencies:</b> {@code capture.framework}, {@code capture.value}, {@code event}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture.framework.langchain4j;
