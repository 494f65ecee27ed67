/**
 * Values of a call: where they are found, how they are read, and their copies.
 *
 * <p>A {@link io.agentlog.agent.capture.value.MethodSources} is bound at a method's first call; its
 * sources are then read on the way in and out of every call; {@link
 * io.agentlog.agent.capture.value.Snapshots} copies what they gave before the call goes on.
 *
 * <p><b>Threads:</b> everything here may be used from any thread, and runs on the application's.
 *
 * <p><b>Failure:</b> nothing throws, whatever the application's types do: a value that can't be
 * read is null, and is reported once per path of a method.
 *
 * <p><b>Limits:</b> a path has 512 characters and 16 steps; a snapshot 4 levels and 100 values.
 *
 * <p><b>Class loaders:</b> nothing here keeps a class alive that the woven class does not keep
 * alive itself. What is known of any other class is kept by that class, in a {@link ClassValue}.
 *
 * <p><b>Dependencies:</b> {@code spec}. Our annotations are known by name: the application's class
 * loader holds them, not ours.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture.value;
