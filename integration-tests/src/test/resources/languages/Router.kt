package io.agentlog.it.languages

import io.agentlog.annotations.AgentExecution
import io.agentlog.annotations.ProgressStage
import io.agentlog.annotations.Prompt
import java.util.concurrent.CompletableFuture

data class Request(@get:Prompt val text: String, val correlationId: String)

class KotlinRouter {
  @AgentExecution("kotlin")
  fun route(request: Request): String = decide(request.text)

  @ProgressStage("decide")
  private fun decide(text: String): String = text.uppercase()

  @AgentExecution("kotlin-fails")
  fun fail(prompt: String): String = throw IllegalStateException(prompt)

  @AgentExecution("kotlin-cancels")
  fun cancel(prompt: String): CompletableFuture<String> = CompletableFuture<String>().apply { cancel(false) }

  @AgentExecution("kotlin-thread")
  fun elsewhere(prompt: String): String = CompletableFuture.supplyAsync { decide(prompt) }.join()

  companion object {
    @JvmStatic
    @AgentExecution("kotlin-companion")
    fun static(prompt: String): String = prompt
  }
}

@AgentExecution("kotlin-top-level", prompt = "text")
fun topLevel(text: String, times: Int = 2): String = text.repeat(times)

fun main() {
  check(KotlinRouter().route(Request("kotlin asks", "9")) == "KOTLIN ASKS")
  check(KotlinRouter.static("companion asks") == "companion asks")
  val static = KotlinRouter::class.java.getMethod("static", String::class.java) // As Java calls it.
  check(static.invoke(null, "java asks") == "java asks")
  check(topLevel("top level") == "top leveltop level")
  check(runCatching { KotlinRouter().fail("it fails") }.exceptionOrNull()?.message == "it fails")
  check(KotlinRouter().cancel("it is cancelled").isCancelled)
  check(KotlinRouter().elsewhere("on a thread") == "ON A THREAD")
  println("done")
}
