package io.agentlog.it.languages

import io.agentlog.annotations.{AgentExecution, ProgressStage, Prompt}
import scala.annotation.meta.getter

case class ScalaRequest(@(Prompt @getter) text: String, correlationId: String)

class ScalaRouter {
  @AgentExecution("scala")
  def route(request: ScalaRequest): String = decide(request.text)

  @ProgressStage("decide")
  private def decide(text: String): String = text.toUpperCase
}

object ScalaApp {
  @AgentExecution("scala-object")
  def inObject(prompt: String): String = prompt

  def main(arguments: Array[String]): Unit = {
    assert(new ScalaRouter().route(ScalaRequest("scala asks", "9")) == "SCALA ASKS")
    assert(inObject("object asks") == "object asks")
    val static = Class.forName("io.agentlog.it.languages.ScalaApp").getMethod("inObject", classOf[String]) // As Java calls it.
    assert(static.invoke(null, "java asks") == "java asks")
    println("done")
  }
}
