package io.agentlog.backends;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;

/**
 * The data directory of a server that never ran. {@code initdb} takes a second and a copy half of
 * it or less, so the directory of each version is made once and new servers get a copy.
 *
 * @param home the folder of {@code data} and of the password's file
 * @param user runs PostgreSQL's programs and owns what they write
 * @param password the superuser's; servers that have a copy share it
 */
record PostgresData(Path home, UnprivilegedUser user, String password) {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final String DATA = "data";
  private static final String PASSWORD = "password";

  /** Returns the data of the programs' version, kept beside them. */
  static PostgresData of(Path programs, UnprivilegedUser user) throws IOException {
    Path home =
        Kept.folder(
            programs.resolveSibling(programs.getFileName() + "-data"),
            user.workDirectory(),
            fresh -> make(fresh, programs, user));
    return new PostgresData(
        home, user, Files.readString(home.resolve(PASSWORD), StandardCharsets.UTF_8));
  }

  /** Copies the data, so that a server can start with it. */
  void copyTo(Path data, Path log) {
    ServerProcess.run(
        "copying PostgreSQL's data",
        user.run(Path.of("cp"), "-Rp", home.resolve(DATA).toString(), data.toString()),
        home,
        log,
        DEADLINE);
  }

  private static void make(Path fresh, Path programs, UnprivilegedUser user) throws IOException {
    user.give(fresh);
    Path passwordFile = fresh.resolve(PASSWORD);
    Files.writeString(passwordFile, UUID.randomUUID().toString(), StandardCharsets.UTF_8);
    user.give(passwordFile);
    ServerProcess.run(
        "PostgreSQL's initdb",
        user.run(
            programs.resolve("bin/initdb"),
            "-D",
            fresh.resolve(DATA).toString(),
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C",
            "--auth=scram-sha-256",
            "--pwfile=" + passwordFile,
            "--wal-segsize=1", // MiB: each server copies a segment.
            "--no-sync"),
        fresh,
        fresh.resolve("log"),
        DEADLINE);
  }
}
