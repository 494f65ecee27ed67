/**
 * Contents of a rules file: alerts, their channels, when they are muted, the stages that an
 * execution should have, and how executions are scored.
 *
 * <p><b>Threads:</b> values that do not change; any.
 *
 * <p><b>Failure:</b> each mistake of a file is one line with its place; a file with a mistake is
 * not used.
 *
 * <p><b>Limits:</b> bytes of a file, entries of a section.
 *
 * <p><b>Dependencies:</b> {@code config}, {@code files}, {@code log}, {@code pattern}; SnakeYAML
 * Engine.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.rules;
