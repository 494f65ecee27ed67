/**
 * Files and folders that no other user on the machine may read.
 *
 * <p><b>Threads:</b> any.
 *
 * <p><b>Durability:</b> properties are forced to the disk, other small files only if the caller
 * asks.
 *
 * <p><b>Failure:</b> an {@code IOException} that names the path, except from {@code BoundedFile}.
 *
 * <p><b>Limits:</b> the bytes of a file, given by the caller.
 *
 * <p><b>Dependencies:</b> the JDK alone.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.files;
