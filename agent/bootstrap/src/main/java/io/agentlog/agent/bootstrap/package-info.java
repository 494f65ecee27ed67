/**
 * The part of the agent that the application's class loaders see: the entry class, the loader of
 * everything else, and the source of the bridge.
 *
 * <p><b>Start-up:</b> runs before the application's {@code main}. Uses {@code java.io} and {@code
 * java.util} alone: no NIO file system, no logging, no lambdas, no regular expressions.
 *
 * <p><b>Failure:</b> any failure prints one line on stderr; the application runs on.
 *
 * <p><b>Dependencies:</b> the JDK alone.
 */
package io.agentlog.agent.bootstrap;
