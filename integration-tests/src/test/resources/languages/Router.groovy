package io.agentlog.it.languages

import groovy.transform.CompileStatic
import io.agentlog.annotations.AgentExecution
import io.agentlog.annotations.ProgressStage
import io.agentlog.annotations.Prompt
import java.util.concurrent.CompletableFuture

class GroovyRequest {
  @Prompt
  String text
  String correlationId
}

class GroovyRouter {
  @AgentExecution('groovy')
  def route(GroovyRequest request) { decide(request.text) }

  @ProgressStage('decide')
  def decide(String text) { text.toUpperCase() }

  @AgentExecution('groovy-fails')
  def fail(String prompt) { throw new IllegalStateException(prompt) }

  @AgentExecution('groovy-cancels')
  CompletableFuture<String> cancel(String prompt) {
    def result = new CompletableFuture<String>()
    result.cancel(false)
    result
  }

  @AgentExecution('groovy-thread')
  def elsewhere(String prompt) { CompletableFuture.supplyAsync { decide(prompt) }.join() }

  @CompileStatic
  @AgentExecution('groovy-static')
  static String fixed(String prompt) { prompt }
}

class GroovyApp {
  static void main(String[] arguments) {
    assert new GroovyRouter().route(new GroovyRequest(text: 'groovy asks', correlationId: '9')) == 'GROOVY ASKS'
    assert GroovyRouter.fixed('static asks') == 'static asks'
    try {
      new GroovyRouter().fail('it fails')
      assert false
    } catch (IllegalStateException expected) {
      assert expected.message == 'it fails'
    }
    assert new GroovyRouter().cancel('it is cancelled').cancelled
    assert new GroovyRouter().elsewhere('on a thread') == 'ON A THREAD'
    println 'done'
  }
}
