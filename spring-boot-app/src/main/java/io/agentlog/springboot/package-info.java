/**
 * A Spring Boot service as users of agentlog have it. Its libraries are other versions than the
 * agent's.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.springboot;
