/** Which classes are woven, and the code that is woven in. */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.instrumentation;
