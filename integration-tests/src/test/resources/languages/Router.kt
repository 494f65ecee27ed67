package io.agentlog.it.languages

import io.agentlog.annotations.AgentExecution
import io.agentlog.annotations.ProgressStage
import io.agentlog.annotations.Prompt
import java.util.concurrent.CompletableFuture
import kotlin.coroutines.Continuation
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.resume
import kotlin.coroutines.startCoroutine
import kotlin.coroutines.suspendCoroutine

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

class Overloads {
  @JvmOverloads
  @AgentExecution("kotlin-overloads")
  fun ask(prompt: String, times: Int = 1): String = prompt.repeat(times)
}

interface Asks {
  @AgentExecution("kotlin-interface")
  fun ask(prompt: String): String = prompt
}

class Loud : Asks {
  override fun ask(prompt: String): String = super.ask("$prompt!")
}

var waiting: Continuation<Unit>? = null

suspend fun pause() = suspendCoroutine<Unit> { waiting = it }

class Suspending {
  @AgentExecution("kotlin-suspends")
  suspend fun route(prompt: String): String {
    pause()
    pause()
    return prompt
  }
}

private fun suspended(): String? {
  var result: String? = null
  val route: suspend () -> String = { Suspending().route("it suspends") }
  route.startCoroutine(
    object : Continuation<String> {
      override val context = EmptyCoroutineContext
      override fun resumeWith(value: Result<String>) {
        result = value.getOrThrow()
      }
    }
  )
  waiting!!.resume(Unit)
  waiting!!.resume(Unit)
  return result
}

fun main() {
  check(KotlinRouter().route(Request("kotlin asks", "9")) == "KOTLIN ASKS")
  check(KotlinRouter.static("companion asks") == "companion asks")
  val static = KotlinRouter::class.java.getMethod("static", String::class.java) // As Java calls it.
  check(static.invoke(null, "java asks") == "java asks")
  check(topLevel("top level") == "top leveltop level")
  check(runCatching { KotlinRouter().fail("it fails") }.exceptionOrNull()?.message == "it fails")
  check(KotlinRouter().cancel("it is cancelled").isCancelled)
  check(KotlinRouter().elsewhere("on a thread") == "ON A THREAD")
  val overload = Overloads::class.java.getMethod("ask", String::class.java) // As Java calls it.
  check(overload.invoke(Overloads(), "one argument") == "one argument")
  check(Loud().ask("loud") == "loud!")
  check(suspended() == "it suspends")
  println("done")
}
