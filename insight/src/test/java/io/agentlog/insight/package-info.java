/** Tests of the dashboard over real servers. */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight;
