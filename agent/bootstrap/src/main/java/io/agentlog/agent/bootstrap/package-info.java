/**
 * What the application's class loaders see of the agent: the entry class, the loader behind which
 * everything else lives, and the source of the bridge.
 *
 * <p><b>Start-up:</b> runs before the application's {@code main}. {@code java.io} and {@code
 * java.util} alone: no NIO file system, no logging, no lambdas, no regular expressions.
 *
 * <p><b>Failure:</b> whatever happens costs one line on stderr; the application runs on.
 *
 * <p><b>Dependencies:</b> the JDK alone.
 */
package io.agentlog.agent.bootstrap;
