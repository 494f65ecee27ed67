@org.jspecify.annotations.NullMarked
package io.agentlog.insight.score;
