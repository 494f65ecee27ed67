package io.agentlog.it.languages

import io.agentlog.annotations.{AgentExecution, ProgressStage, Prompt}
import java.util.concurrent.CompletableFuture
import scala.annotation.meta.getter
import scala.util.Try

case class ScalaRequest(@(Prompt @getter) text: String, correlationId: String)

trait Steps {
  @ProgressStage("decide")
  def decide(text: String): String = text.toUpperCase
}

class ScalaRouter extends Steps {
  @AgentExecution("scala")
  def route(request: ScalaRequest): String = decide(request.text)

  @AgentExecution("scala-fails")
  def fail(prompt: String): String = throw new IllegalStateException(prompt)

  @AgentExecution("scala-cancels")
  def cancel(prompt: String): CompletableFuture[String] = {
    val result = new CompletableFuture[String]
    result.cancel(false)
    result
  }

  @AgentExecution("scala-thread")
  def elsewhere(prompt: String): String = CompletableFuture.supplyAsync(() => decide(prompt)).join()
}

object ScalaApp {
  @AgentExecution("scala-object")
  def inObject(prompt: String): String = prompt

  def main(arguments: Array[String]): Unit = {
    assert(new ScalaRouter().route(ScalaRequest("scala asks", "9")) == "SCALA ASKS")
    assert(inObject("object asks") == "object asks")
    val static = Class.forName("io.agentlog.it.languages.ScalaApp").getMethod("inObject", classOf[String]) // As Java calls it.
    assert(static.invoke(null, "java asks") == "java asks")
    assert(Try(new ScalaRouter().fail("it fails")).failed.get.getMessage == "it fails")
    assert(new ScalaRouter().cancel("it is cancelled").isCancelled)
    assert(new ScalaRouter().elsewhere("on a thread") == "ON A THREAD")
    println("done")
  }
}
