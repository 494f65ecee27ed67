/**
 * Decides what is kept of prompts and removed from texts, before anything is encoded, so that the
 * journal never holds the rest.
 *
 * <p><b>Threads:</b> the application's, any number.
 *
 * <p><b>Failure:</b> closed: a text that can't be searched is withheld and counted, and a setting
 * that is not understood removes more, not less.
 *
 * <p><b>Limits:</b> the length of a text that is searched.
 *
 * <p><b>Dependencies:</b> {@code config}, {@code metrics}, and RE2/J, which is loaded only if
 * something is to be redacted.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture.privacy;
