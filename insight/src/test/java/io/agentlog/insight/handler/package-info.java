/** Tests of the pages over a real database and HTTP. */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.handler;
