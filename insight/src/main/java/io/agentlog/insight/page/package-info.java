/**
 * The data of each page as immutable values, and how numbers, times and addresses are written. What
 * a value holds is in the page's JSON.
 *
 * <p><b>Threads:</b> any.
 *
 * <p><b>Failure:</b> none.
 *
 * <p><b>Limits:</b> none of its own.
 *
 * <p><b>Dependencies:</b> {@code statistics}, {@code evaluate}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.page;
