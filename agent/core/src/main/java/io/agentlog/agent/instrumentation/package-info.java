/**
 * Decides which classes are woven, and writes the woven code.
 *
 * <p><b>Threads:</b> any thread that loads a class.
 *
 * <p><b>Failure:</b> a class that can't be woven is loaded as it is, counted and reported.
 *
 * <p><b>Limits:</b> types remembered per loader. Only names are kept, so no class or loader is
 * pinned.
 *
 * <p><b>Dependencies:</b> {@code bootstrap}, {@code capture}, {@code async}, {@code capture.file},
 * {@code capture.framework}, {@code langchain4j}, {@code spring}, {@code spec}, {@code value},
 * {@code rules}, {@code cache}, {@code config}, {@code metrics}, {@code log}; Byte Buddy, first
 * touched when a class matches.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.instrumentation;
