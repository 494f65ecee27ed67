package io.agentlog.config;

/** Action of the PostgreSQL sink on its tables when it connects. */
public enum SchemaMode {
  /** Creates and lifts the tables. */
  MIGRATE,
  /** Checks the tables, changes nothing. */
  VALIDATE,
  /** Does neither. */
  OFF
}
