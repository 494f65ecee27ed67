/**
 * A Spring Boot service like those of agentlog's users. Its libraries have other versions than the
 * agent's.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.springboot;
