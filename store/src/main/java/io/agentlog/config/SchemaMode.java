package io.agentlog.config;

/** What the PostgreSQL sink does about its tables when it connects. */
public enum SchemaMode {
  /** Creates and lifts them. */
  MIGRATE,
  /** Checks that they are there, changes nothing. */
  VALIDATE,
  /** Neither. */
  OFF
}
