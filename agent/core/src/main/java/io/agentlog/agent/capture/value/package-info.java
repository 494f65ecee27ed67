/**
 * Values of a call: finds, reads and copies them.
 *
 * <p>A {@link io.agentlog.agent.capture.value.MethodSources} is bound at a method's first call; its
 * sources are then read at entry and exit of every call; {@link
 * io.agentlog.agent.capture.value.Snapshots} copies the values before the call goes on.
 *
 * <p><b>Threads:</b> any; the code runs on the application's threads.
 *
 * <p><b>Failure:</b> nothing throws, whatever the application's types do. A value that can't be
 * read is null, and is reported once per path of a method.
 *
 * <p><b>Limits:</b> a path has 512 characters and 16 steps; a snapshot 4 levels and 100 values.
 *
 * <p><b>Class loaders:</b> nothing here keeps a class alive that the woven class does not keep
 * alive itself. Each other class holds what is known of it, in a {@link ClassValue}.
 *
 * <p><b>Dependencies:</b> {@code spec}. Our annotations are known by name: the application's class
 * loader holds them, not ours.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture.value;
