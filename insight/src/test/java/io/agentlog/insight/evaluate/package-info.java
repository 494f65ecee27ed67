/** Tests of the evaluator, without a clock and without a database. */
package io.agentlog.insight.evaluate;
