/** Tests of looking at history. */
package io.agentlog.insight.backtest;
