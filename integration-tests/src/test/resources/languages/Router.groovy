package io.agentlog.it.languages

import groovy.transform.CompileStatic
import io.agentlog.annotations.AgentExecution
import io.agentlog.annotations.ProgressStage
import io.agentlog.annotations.Prompt

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

  @CompileStatic
  @AgentExecution('groovy-static')
  static String fixed(String prompt) { prompt }
}

class GroovyApp {
  static void main(String[] arguments) {
    assert new GroovyRouter().route(new GroovyRequest(text: 'groovy asks', correlationId: '9')) == 'GROOVY ASKS'
    assert GroovyRouter.fixed('static asks') == 'static asks'
    println 'done'
  }
}
