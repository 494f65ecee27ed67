/**
 * File operations of executions: what an open and a close of the JDK mean, which files count, and
 * how much of a path is kept. {@link io.agentlog.agent.capture.file.FileHasher} hashes what they
 * leave behind.
 *
 * <p><b>Threads:</b> the application's, any number, at once; the operations of one execution are
 * put together under a lock that is held for no I/O. Content is read on a thread of its own.
 *
 * <p><b>Failure:</b> what can't be asked of the file system is recorded as not known; so is a hash
 * of content that may not be the operation's.
 *
 * <p><b>Limits:</b> operations of an execution, and how long one is held back, in {@code
 * ExecutionFiles}; files that wait for their hash, and bytes read a second, in {@code FileHasher}.
 *
 * <p><b>Dependencies:</b> {@code privacy}, {@code metrics}, {@code config}, {@code event}, {@code
 * log}, {@code threads}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture.file;
