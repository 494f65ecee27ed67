/**
 * Prices of models, from the user's file, and what a call costs.
 *
 * <p><b>Threads:</b> any thread asks for a price, and never waits; a thread of this package's own
 * reads the file.
 *
 * <p><b>Failure:</b> a file that can't be used is reported, and the prices read before stay in use.
 * A model without a price has no cost, which is not 0.
 *
 * <p><b>Limits:</b> a file has at most 16 MiB, 20,000 models and 1,000 patterns; a name at most 256
 * characters. 1,000 questions are remembered with their answers.
 *
 * <p><b>Dependencies:</b> {@code config}, {@code event}, {@code files}, {@code log}, {@code
 * metrics}, {@code threads}, Jackson.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.prices;
