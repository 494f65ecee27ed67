/**
 * Assembles the shipped jar. Runs only in the build; none of its classes is shipped.
 *
 * <p>The entry classes stand at the root as {@code .class}. All other classes are {@code
 * agentlog/PATH.classdata}, hidden from the application's class loaders; {@code AgentClassLoader}
 * reads them from there.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.dist;
