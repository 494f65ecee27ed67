/**
 * Woven classes on disk, from one start of a service to the next.
 *
 * <p><b>Threads:</b> any thread that loads a class looks up and adds; one thread of the agent reads
 * the file, one writes it.
 *
 * <p><b>Failure:</b> without a usable file each class is woven anew.
 *
 * <p><b>Durability:</b> none; the file is replaced as a whole and has a checksum.
 *
 * <p><b>Limits:</b> the bytes of the file, the files of other JDKs and agents.
 *
 * <p><b>Dependencies:</b> {@code files}, {@code log}, {@code metrics}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.instrumentation.cache;
