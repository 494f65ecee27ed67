/** Annotations that mark executions, stages and decisions. They do nothing without the agent. */
module io.agentlog.annotations {
  exports io.agentlog.annotations;
}
