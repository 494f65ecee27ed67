/**
 * What is kept of prompts and what is taken out of texts, before anything is encoded, so that the
 * journal never holds it.
 *
 * <p><b>Threads:</b> the application's, any number.
 *
 * <p><b>Failure:</b> closed: a text that can't be looked through is withheld and counted, and a
 * setting that is not understood removes more, not less.
 *
 * <p><b>Limits:</b> the characters of a text that is looked through.
 *
 * <p><b>Dependencies:</b> {@code config}, {@code log}, and RE2/J, which is touched only where
 * something is to be redacted.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture.privacy;
