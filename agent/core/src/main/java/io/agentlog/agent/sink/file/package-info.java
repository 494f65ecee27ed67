/**
 * Delivers events to JSON Lines under the base directory.
 *
 * <p><b>Threads:</b> the sink belongs to its writer's thread.
 *
 * <p><b>Durability:</b> a delivered batch is forced to the disk, so it survives the loss of power.
 *
 * <p><b>Failure:</b> a folder that can't be written is an outage, and its message names the folder;
 * half a batch is cut off again.
 *
 * <p><b>Limits:</b> {@code file.max-size}, {@code file.max-age}, and 1 GiB for the files of a
 * service.
 *
 * <p><b>Dependencies:</b> {@code sink}, {@code json}, {@code event}, {@code config}, {@code files},
 * {@code log}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.sink.file;
