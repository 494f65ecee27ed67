/**
 * Assembles the shipped jar. Runs in the build alone; nothing of it is shipped.
 *
 * <p>The entry classes stand at the root as {@code .class}. Everything else is {@code
 * agentlog/PATH.classdata}, out of sight of the application's class loaders; {@code
 * AgentClassLoader} reads it from there.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.dist;
