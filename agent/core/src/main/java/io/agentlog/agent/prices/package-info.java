/**
 * Prices of models, from the user's file, and what a call costs.
 *
 * <p><b>Threads:</b> any thread asks for a price and never waits; a thread of this package's own
 * reads the file.
 *
 * <p><b>Failure:</b> a file that can't be used is reported, and the prices read before stay in use.
 * A model without a price has no cost.
 *
 * <p><b>Limits:</b> none yet.
 *
 * <p><b>Dependencies:</b> {@code event}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.prices;
