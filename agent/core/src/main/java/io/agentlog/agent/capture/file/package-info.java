/**
 * File operations of executions: what an open and a close of the JDK mean, which files count, and
 * how much of a path is kept.
 *
 * <p><b>Threads:</b> the application's, any number, at once; the operations of one execution are
 * put together under a lock that is held for no I/O.
 *
 * <p><b>Failure:</b> what can't be asked of the file system is recorded as not known.
 *
 * <p><b>Limits:</b> operations of an execution, and how long one is held back; both are in {@link
 * io.agentlog.agent.capture.file.ExecutionFiles}.
 *
 * <p><b>Dependencies:</b> {@code privacy}, {@code config}, {@code event}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture.file;
