/**
 * Files and folders that nobody else on the machine may read.
 *
 * <p><b>Threads:</b> any.
 *
 * <p><b>Durability:</b> a small file is replaced at once: a reader sees the old bytes or the new
 * ones.
 *
 * <p><b>Failure:</b> an {@code IOException} that names the path.
 *
 * <p><b>Limits:</b> the bytes of a file, given by the caller.
 *
 * <p><b>Dependencies:</b> the JDK alone.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.files;
